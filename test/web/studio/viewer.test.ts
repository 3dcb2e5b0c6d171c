/**
 * One generation, large: what it shows, and what can be done with it.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { EVERYTHING, everything, OPTIONS } from '../../shares/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { complete, create, type Owner, openHistory, owner, shownPrompts, statusOf, tile } from './history-support.js';
import { PHONE, said, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let user: Owner;
let visit: Visit;
let page: Page;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(OPTIONS), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});
beforeEach(async () => {
  user = await owner(app);
});
afterEach(async () => {
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

async function open(options = {}): Promise<void> {
  visit = await openHistory(browser, app, user, options);
  page = visit.page;
}
/** Toasts are dialogs, too. */
const viewer = () => page.getByRole('dialog').filter({ has: page.getByRole('button', { name: 'Back', exact: true }) });
const large = (name: string) => viewer().getByRole('img', { name, exact: true });

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)('a link shows everything of a generation, in the %s theme on a %s', async (colorScheme, _, device) => {
  const [id] = await complete(user, ['a red fox'], { seed: '12345', negativePrompt: 'blur', steps: 3 });
  await open({ ...device, colorScheme });
  await page.goto(`${app.url}/#/history/${id}`);
  await large('a red fox').waitFor();
  const facts = page.getByRole('complementary', { name: 'Details' });
  for (const text of ['a red fox', 'blur', '12345', 'Text to image', 'comfyui-1', '64 × 64'])
    await facts
      .getByText(text, { exact: text !== 'comfyui-1' })
      .first()
      .waitFor();
  await facts.getByText('Steps').locator('..').getByText('3', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('arrow keys lead through the gallery, and Escape back to the tile of the last one', async () => {
  await complete(user, ['one', 'two', 'three']);
  await open();
  await tile(page, 'three').click();
  await large('three').waitFor();
  await page.keyboard.press('ArrowRight');
  await large('two').waitFor();
  await page.keyboard.press('ArrowRight');
  await large('one').waitFor();
  await page.keyboard.press('ArrowLeft');
  await large('two').waitFor();
  await page.keyboard.press('Escape');
  await viewer().waitFor({ state: 'detached' });
  expect(page.url()).toBe(`${app.url}/#/history`);
  await until(
    () => page.evaluate<boolean>('document.activeElement.getAttribute("aria-label")?.startsWith("two")'),
    'the tile has the focus',
  );
});

test('the keyboard zooms, moves and resets a picture, and a generation of several shows each', async () => {
  await complete(user, ['several'], { batchSize: 3 });
  await open();
  await tile(page, 'several').click();
  await large('several').waitFor();
  expect(await violations(page)).toEqual([]);
  const width = async () => Math.round((await large('several').boundingBox())?.width ?? 0);
  const whole = await width();
  await page.keyboard.press('+');
  await page.keyboard.press('+');
  await until(async () => (await width()) > 2 * whole, 'the picture is larger');
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('0');
  await until(async () => (await width()) === whole, 'the picture is whole');
  await page.getByRole('button', { name: 'Output 1 of 3' }).and(page.locator('[aria-current]')).waitFor();
  await page.keyboard.press('ArrowRight');
  await page.getByRole('button', { name: 'Output 2 of 3' }).and(page.locator('[aria-current]')).waitFor();
});

test('films, sounds and texts are played and shown, each with its name', async () => {
  await everything(user);
  const { text, show } = EVERYTHING;
  await complete(user, [''], { prompt: null, steps: null, width: null, height: null, graph: { text, show } });
  await open();
  const tiles = page.getByRole('list', { name: 'Generations' });
  await tiles.getByRole('link', { name: /^Imported workflow, Text, / }).waitFor();
  await tiles.getByRole('link', { name: /^Imported workflow, \d/ }).click();
  for (const [name, output] of [
    ['Output 3 of 5: Video', viewer().locator('video')],
    ['Output 4 of 5: Sound', viewer().locator('audio')],
    ['Output 5 of 5: Text', viewer().getByText('a text of a node')],
  ] as const) {
    await viewer().getByRole('button', { name }).click();
    await said(page, name);
    await output.waitFor();
    expect(await violations(page)).toEqual([]);
  }
});

test('a finger swipes to the next generation, and down to the gallery', async () => {
  await complete(user, ['one', 'two']);
  await open(PHONE);
  await tile(page, 'two').tap();
  await large('two').waitFor();
  const finger = { pointerType: 'touch', pointerId: 7, button: 0, bubbles: true };
  await large('two').dispatchEvent('pointerdown', { ...finger, clientX: 300, clientY: 300 });
  await large('two').dispatchEvent('pointermove', { ...finger, clientX: 180, clientY: 310 });
  await large('two').dispatchEvent('pointerup', { ...finger, clientX: 180, clientY: 310 });
  await large('one').waitFor();
  // A real finger: the browser itself must neither scroll nor take it away.
  const cdp = await page.context().newCDPSession(page);
  const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', y?: number) =>
    cdp.send('Input.dispatchTouchEvent', { type, touchPoints: y === undefined ? [] : [{ x: 200, y }] });
  await touch('touchStart', 200);
  for (const y of [210, 240, 280, 330]) await touch('touchMove', y);
  await touch('touchEnd');
  await viewer().waitFor({ state: 'detached' });
  await tile(page, 'one').waitFor();
});

test('a generation is shared with an expiry, its link is copied, and taken back', async () => {
  const [id] = await complete(user, ['a red fox']);
  const share = async () =>
    (await user.ask('query ($id: ID!) { generation(id: $id) { share { url expiresAt } } }', { id })).data.generation
      .share;
  await open({ permissions: ['clipboard-read', 'clipboard-write'] });
  await tile(page, 'a red fox').click();
  await viewer().getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share' });
  await dialog.getByLabel('The link ends').selectOption('In a week');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Create the link' }).click();
  const field = dialog.getByLabel('Public link');
  await field.waitFor();
  const { url, expiresAt } = await share();
  expect(await field.inputValue()).toBe(new URL(url, app.url).href);
  expect((Date.parse(expiresAt) - Date.now()) / 86_400_000).toBeCloseTo(7, 1);
  await dialog.getByRole('button', { name: 'Copy' }).click();
  expect(await until(() => page.evaluate<string>('navigator.clipboard.readText()'), 'the link is copied')).toBe(
    new URL(url, app.url).href,
  );
  await dialog.getByLabel('The link ends').selectOption('Never');
  await until(async () => (await share()).expiresAt === null, 'the link has no end');
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole('button', { name: 'Stop sharing' }).click();
  await until(async () => (await share()) === null, 'the link is taken back');
});

test('Back closes what is open over the gallery or a picture, one at a time, and leads to nowhere else', async () => {
  await complete(user, ['one', 'two']);
  await open();
  const filters = page.getByRole('dialog', { name: 'Filters' });
  await page.getByRole('button', { name: 'Filters' }).click();
  await page.getByLabel('Status').selectOption('Done');
  await page.goBack();
  await filters.waitFor({ state: 'detached' });
  await page.getByRole('button', { name: /^Remove/ }).waitFor();
  await page.getByRole('button', { name: 'Select several' }).click();
  await tile(page, 'one').click();
  await tile(page, 'two').click();
  await page.getByRole('button', { name: 'Compare two' }).click();
  await viewer().waitFor();
  await page.goBack();
  await viewer().waitFor({ state: 'detached' });
  await page.getByRole('toolbar').getByText('2 selected').waitFor();
  await page.goBack();
  await page.getByRole('toolbar').waitFor({ state: 'detached' });
  await tile(page, 'two').click();
  await viewer().getByRole('button', { name: 'Share' }).click();
  const share = page.getByRole('dialog', { name: 'Share' });
  await share.waitFor();
  await page.goBack();
  await share.waitFor({ state: 'detached' });
  await large('two').waitFor();
  // A dialog that its button closes leaves no step behind.
  await viewer().getByRole('button', { name: 'Share' }).click();
  await share.getByRole('button', { name: 'Close' }).click();
  await share.waitFor({ state: 'detached' });
  await page.goBack();
  await viewer().waitFor({ state: 'detached' });
  await page.goBack();
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();
});

test('a running generation shows its progress, then its picture', async () => {
  app.simulator.hold();
  try {
    await create(user, ['slow'], { steps: 20 });
    await app.simulator.held();
    await open();
    await tile(page, 'slow').click();
    await viewer().getByText('Being made').waitFor();
    await app.simulator.advance(10);
    await viewer()
      .getByText(/step \d+ of 20/)
      .waitFor();
    expect(await violations(page)).toEqual([]);
  } finally {
    app.simulator.release();
  }
  await large('slow').waitFor();
});

test('a failed generation says why, and is tried again', async () => {
  app.simulator.at('node', { do: 'fail', message: 'boom' }, { where: { classType: 'KSampler' } });
  const [id = ''] = await create(user, ['unlucky']);
  await until(async () => (await statusOf(user, id)) === 'FAILED', 'it has failed');
  await open();
  await page.getByRole('link', { name: /^unlucky, Failed/ }).click();
  await viewer().getByText('boom').waitFor();
  expect(await violations(page)).toEqual([]);
  await viewer().getByRole('button', { name: 'Try again' }).first().click();
  await page.getByText('It is in the queue.').first().waitFor();
  await viewer().getByText('boom').waitFor();
});

test('another one is made with a new seed, and the picture stays in sight', async () => {
  const [id] = await complete(user, ['a red fox'], { seed: '12345' });
  await open();
  await tile(page, 'a red fox').click();
  await viewer().getByRole('button', { name: 'Make another' }).click();
  await page.getByText('It is in the queue.').first().waitFor();
  expect(page.url()).toContain(id);
  const { data } = await user.ask('{ generations(first: 2) { nodes { id seed } } }');
  expect(data.generations.nodes).toEqual([
    { id: expect.not.stringMatching(String(id)), seed: expect.not.stringMatching(/^12345$/) },
    { id, seed: '12345' },
  ]);
});

test('a second press deletes no other generation, and one Undo brings all back to where the first was', async () => {
  const isReady = (ready: boolean) =>
    viewer()
      .getByRole('button', { name: 'Delete' })
      .and(page.locator(ready ? ':not([aria-disabled])' : '[aria-disabled=true]'))
      .waitFor();
  await complete(user, ['one', 'two', 'three']);
  await open();
  await tile(page, 'three').click();
  await large('three').waitFor();
  // It is not ready for a second only.
  const settles = isReady(false);
  await page.keyboard.press('Delete');
  await page.keyboard.press('Delete');
  await Promise.all([settles, large('two').waitFor()]);
  await page.getByText('Deleted: three').first().waitFor();
  await isReady(true);
  await page.keyboard.press('Delete');
  await large('one').waitFor();
  await page.getByText('2 deleted').first().waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await large('three').waitFor();
  await isReady(true);
  await page.keyboard.press('Escape');
  await tile(page, 'three').waitFor();
  expect(await shownPrompts(page, 3)).toEqual(['three', 'two', 'one']);
});

test('a generation that another client deletes is said to be gone', async () => {
  const [id] = await complete(user, ['a red fox']);
  await open();
  await tile(page, 'a red fox').click();
  await large('a red fox').waitFor();
  await user.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', { id });
  await viewer().getByText('This generation does not exist any more.').waitFor();
  expect(await violations(page)).toEqual([]);
  await viewer().getByRole('button', { name: 'Back to the gallery' }).last().click();
  await page.getByRole('heading', { name: 'Nothing here yet' }).waitFor();
});

test('two generations are compared with a slider and side by side, with what differs below each', async () => {
  await complete(user, ['one'], { seed: '11' });
  await complete(user, ['two'], { seed: '22', steps: 2 });
  await open();
  await tile(page, 'one').waitFor();
  await tile(page, 'one').click({ modifiers: ['Control'] });
  await tile(page, 'two').click();
  await page.getByRole('button', { name: 'Compare two' }).click();
  const slider = page.getByRole('slider', { name: 'How much of the first picture is shown' });
  // The newer one is the first of the gallery.
  for (const seed of ['11', '22']) await page.getByRole('dialog').getByText(seed, { exact: true }).waitFor();
  expect(await page.getByRole('dialog').locator('dl > div').allTextContents()).toEqual([
    'Seed 22',
    'Steps 2',
    'Seed 11',
    'Steps 1',
  ]);
  await slider.focus();
  await page.keyboard.press('ArrowRight');
  expect(await slider.getAttribute('aria-valuenow')).toBe('51');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Side by side' }).click();
  await page.getByRole('figure').nth(1).getByText('one', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
});

test('settings and pictures are brought to the form', async () => {
  await complete(user, ['a red fox']);
  await open();
  await tile(page, 'a red fox').click();
  await viewer().getByRole('button', { name: 'Use these settings' }).click();
  await page.getByRole('heading', { name: 'Create', level: 1 }).waitFor();
  await page.goBack();
  await viewer().getByRole('button', { name: 'Use as input' }).click();
  await page.getByRole('heading', { name: 'Create', level: 1 }).waitFor();
  await page.getByRole('form', { name: 'Image to image' }).getByText('a red fox').waitFor();
});
