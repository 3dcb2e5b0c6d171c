/**
 * What becomes of generations, as the studio shows it live.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { interrupting, occupy } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { enterStudio, PHONE, violations } from './support.js';

const EXAMPLE = 'A lighthouse in a storm, oil painting';

let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
});
afterEach(() => app.simulator.heal());
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** The API, as the user of the page. */
const apiOf = async (page: Page): Promise<Client> =>
  clientOf(app.url, await page.evaluate<string>('localStorage.getItem("comfygraph:accessToken")'));
const create = async (client: Client, prompt: string): Promise<string> => {
  const { data } = await client.ask('mutation ($p: String!) { createGeneration(input: { prompt: $p }) { id } }', {
    p: prompt,
  });
  return data.createGeneration.id;
};
const listOf = async (client: Client): Promise<string[]> =>
  (await client.ask('{ generations { nodes { prompt } } }')).data.generations.nodes.map(
    ({ prompt }: { prompt: string }) => prompt,
  );
const cards = (page: Page) => page.getByRole('region', { name: 'Now' }).getByRole('listitem');
const card = (page: Page, prompt: string) => cards(page).filter({ has: page.getByRole('heading', { name: prompt }) });
const titled = (page: Page, title: string) => until(async () => (await page.title()) === title, `the title ${title}`);
const done = (page: Page, prompt: string) => card(page, prompt).getByRole('button', { name: 'Favourite' }).waitFor();

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)(
  'a first picture, from the click to the result, in the %s theme on a %s',
  async (colorScheme, _, device) => {
    const visit = await enterStudio(browser, app.url, { ...device, colorScheme });
    const { page } = visit;
    await page.getByText('Your first picture appears here').waitFor();
    await page.getByText('Pictures are simulated').waitFor();
    expect(await violations(page)).toEqual([]);

    app.simulator.hold();
    const gate = await holdResponse(page, 'mutation CreateGeneration');
    await page.getByRole('button', { name: EXAMPLE }).click();
    await card(page, EXAMPLE).getByText('Sending …').waitFor();
    gate.send();
    // Its live changes arrive before the response.
    await card(page, EXAMPLE).getByRole('button', { name: 'Cancel' }).waitFor();
    expect(await cards(page).count()).toBe(1);
    gate.answer();

    await app.simulator.held();
    await app.simulator.advance(15);
    await card(page, EXAMPLE)
      .getByText(/KSampler · step \d+ of 20/)
      .waitFor();
    await card(page, EXAMPLE).getByRole('progressbar').waitFor();
    await page.locator('img[src*="/previews/"]').first().waitFor();
    await until(
      async () => /^\d+% · ComfyGraph$/.test(await page.title()),
      'the title of the tab to show the progress',
    );
    expect(await cards(page).count()).toBe(1);
    expect(await violations(page)).toEqual([]);

    app.simulator.release();
    await done(page, EXAMPLE);
    await page.locator('img[src*="/thumbnails/"], img[src*="/images/"]').first().waitFor();
    await titled(page, 'ComfyGraph');
    expect(await cards(page).count()).toBe(1);
    expect(await violations(page)).toEqual([]);
    expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
    await visit.close();
  },
);

test('on a phone, what was just made comes into sight, also when the list shows an edge already', async () => {
  const visit = await enterStudio(browser, app.url, PHONE);
  const { page } = visit;
  const api = await apiOf(page);
  app.simulator.hold();
  for (const prompt of ['one', 'two', 'three']) await create(api, prompt);
  await card(page, 'three').waitFor();
  await page.getByLabel('Prompt', { exact: true }).fill('four');
  const live = page.getByRole('region', { name: 'Now' });
  await live.evaluate('(list) => scrollBy(0, list.getBoundingClientRect().top - innerHeight * 0.75)');
  await page.getByRole('button', { name: 'Create', exact: true }).tap();
  const isInSight = (prompt: string, height: number) => async () => {
    const made = await card(page, prompt).boundingBox();
    return made !== null && made.y >= 0 && made.y + made.height <= height;
  };
  await until(isInSight('four', 844), 'the whole card to be in sight');

  await page.setViewportSize({ width: 1100, height: 480 });
  await page.evaluate('scrollTo(0, document.body.scrollHeight)');
  await page.getByLabel('Prompt', { exact: true }).fill('five');
  await page.getByRole('button', { name: 'Create', exact: true }).tap();
  await until(isInSight('five', 480), 'the whole card to be in sight, of a list that is above the window');

  await page.getByRole('button', { name: 'Cancel all' }).tap();
  expect(await violations(page)).toEqual([]);
  await app.simulator.held();
  await interrupting(app, () => page.getByRole('alertdialog').getByRole('button', { name: 'Cancel all' }).tap());
  const left = async () =>
    (await api.ask('{ generations { nodes { status } } }')).data.generations.nodes.filter(
      ({ status }: { status: string }) => status !== 'CANCELED',
    );
  await until(async () => (await left()).length === 1, 'all that wait to be canceled');
  app.simulator.release();
  await until(async () => (await left()).length === 0, 'all to be canceled');
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a generation that cannot be created disappears, and its problem is said', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  await page.route('**/graphql', (route) =>
    isOf(route.request().postData(), 'mutation CreateGeneration')
      ? route.fulfill({
          json: {
            data: { createGeneration: null },
            errors: [{ message: 'Queue limit reached', extensions: { code: 'QUOTA_EXCEEDED' } }],
          },
        })
      : route.fallback(),
  );
  await page.getByRole('button', { name: EXAMPLE }).click();
  await page.getByText('Queue limit reached').first().waitFor();
  await page.getByText('Your first picture appears here').waitFor();
  expect(await violations(page)).toEqual([]);
  await visit.close();
});

test('a generation whose response was lost is not created twice', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  // Otherwise live changes would show it.
  await page.routeWebSocket(/graphql/, () => {});
  await page.reload();
  let count = 0;
  await page.route('**/graphql', async (route) => {
    if (!isOf(route.request().postData(), 'mutation CreateGeneration') || ++count > 1) return route.fallback();
    await route.fetch();
    return route.abort();
  });
  await page.getByRole('button', { name: EXAMPLE }).click();
  await page.getByText('No response from the server').first().waitFor();
  await page.getByRole('button', { name: EXAMPLE }).click();
  await card(page, EXAMPLE).waitFor();
  expect([count, await listOf(api)]).toEqual([2, [EXAMPLE]]);
  await visit.close();
});

test('cancel shows that it is under way, and then that it is done', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  app.simulator.hold();
  await create(api, 'to be canceled');
  await create(api, 'waits');
  await create(api, 'waits longer');
  await app.simulator.held();
  await app.simulator.advance(8);
  await card(page, 'to be canceled').getByRole('progressbar').waitFor();
  // ComfyUI has it in its own queue.
  await card(page, 'waits').first().getByText('Next in the queue').waitFor();
  await card(page, 'waits longer').getByText('1 before it').waitFor();
  const order = () => cards(page).getByRole('heading').allTextContents();
  const inTurn = ['to be canceled', 'waits', 'waits longer'];
  expect(await order()).toEqual(inTurn);
  await interrupting(app, () => card(page, 'to be canceled').getByRole('button', { name: 'Cancel' }).click());
  await card(page, 'to be canceled').getByText('Canceling …').first().waitFor();
  expect(await violations(page)).toEqual([]);
  await card(page, 'waits longer').getByRole('button', { name: 'Cancel' }).click();
  await card(page, 'waits longer').getByRole('button', { name: 'Try again' }).waitFor();
  // A second tap must not hit another one.
  expect(await order()).toEqual(inTurn);
  app.simulator.release();
  await card(page, 'to be canceled').getByRole('button', { name: 'Try again' }).waitFor();
  expect(await order()).toEqual(inTurn);
  await done(page, 'waits');
  await until(
    async () => (await order()).join() === 'waits,to be canceled,waits longer',
    'the list to settle, canceled ones last',
  );
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a place in the queue falls as others leave it, and is the same in the large view', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const [api, other] = [await apiOf(page), await signUp(app.url)];
  app.simulator.hold();
  const [, next] = await occupy(app, other);
  await create(api, 'mine');
  await create(api, 'my last');
  await card(page, 'my last').getByText('2 before it').waitFor();
  await other.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { id } }', { id: next.id });
  await card(page, 'mine').getByText('Next in the queue').waitFor();
  await card(page, 'my last').getByText('1 before it').waitFor();
  await card(page, 'my last').getByRole('link').click();
  const view = page.getByRole('dialog', { name: 'my last' });
  await view.getByText('1 before it').waitFor();
  expect(await view.getByRole('progressbar').count()).toBe(0);
  app.simulator.release();
  await view.getByRole('button', { name: 'Download' }).first().waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('of many that wait, those that come next are shown as well', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  app.simulator.hold();
  const ids: string[] = [];
  for (let number = 1; number <= 23; number += 1) ids.push(await create(api, `flower ${number}.`));
  await card(page, 'flower 23.').waitFor();
  await page.reload();
  for (const number of [23, 2, 3, 4]) await card(page, `flower ${number}.`).waitFor();
  expect(await cards(page).count()).toBe(23);
  for (const id of ids) await api.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { id } }', { id });
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a failure is explained, and a retry makes another generation', async () => {
  const visit = await enterStudio(browser, app.url, { colorScheme: 'dark' });
  const { page } = visit;
  const api = await apiOf(page);
  app.simulator.at(
    'node',
    { do: 'fail', message: 'the tensor has the wrong shape' },
    { where: { classType: 'KSampler' } },
  );
  await create(api, 'a broken one');
  await card(page, 'a broken one').getByText('A node of the workflow has failed.').waitFor();
  await card(page, 'a broken one').getByText('the tensor has the wrong shape').waitFor();
  expect(await violations(page)).toEqual([]);
  await card(page, 'a broken one').getByRole('button', { name: 'Try again' }).click();
  await done(page, 'a broken one');
  expect(await card(page, 'a broken one').count()).toBe(2);

  await page.getByLabel('Prompt', { exact: true }).fill('another');
  const made = card(page, 'a broken one').filter({ has: page.getByRole('button', { name: 'Favourite' }) });
  await made.getByRole('button', { name: 'More actions' }).click();
  await page.getByRole('menuitem', { name: 'Use as input' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('menuitem', { name: 'Use these settings' }).click();
  await until(
    async () => (await page.getByLabel('Prompt', { exact: true }).inputValue()) === 'a broken one',
    'the form to have the settings',
  );
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a deletion can be undone, by the keyboard, and else is sent when the page is left', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  for (const prompt of ['one', 'other']) {
    await create(api, prompt);
    await done(page, prompt);
  }
  await card(page, 'one').getByRole('button', { name: 'Favourite' }).click();
  await card(page, 'one').getByRole('button', { name: 'Favourite', pressed: true }).waitFor();

  await card(page, 'one').getByRole('button', { name: 'Delete' }).press('Enter');
  await card(page, 'one').waitFor({ state: 'detached' });
  await until(() => page.evaluate<boolean>(`document.activeElement.textContent === 'other'`), 'the focus to move');
  // The time for it stands still meanwhile.
  await page.getByRole('button', { name: 'Undo' }).hover();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).press('Enter');
  await card(page, 'one').waitFor();
  expect((await listOf(api)).sort()).toEqual(['one', 'other']);

  await card(page, 'one').getByRole('button', { name: 'Delete' }).click();
  await card(page, 'one').waitFor({ state: 'detached' });
  expect((await listOf(api)).sort()).toEqual(['one', 'other']);
  await page.goto('about:blank');
  await until(async () => (await listOf(api)).join() === 'other', 'the generation is deleted');
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a deletion is sent when the time for Undo is over', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  await create(api, 'short-lived');
  await done(page, 'short-lived');
  await page.clock.install();
  await card(page, 'short-lived').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('Your first picture appears here').waitFor();
  await page.clock.fastForward(15_000);
  await until(async () => (await listOf(api)).length === 0, 'the generation is deleted');
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('two tabs of a user show the same, and another user sees nothing of it', async () => {
  const [visit, other] = await Promise.all([enterStudio(browser, app.url), enterStudio(browser, app.url)]);
  const { page } = visit;
  const second = await page.context().newPage();
  await second.goto(`${app.url}/`);
  const api = await apiOf(page);
  app.simulator.hold();
  await page.getByRole('button', { name: EXAMPLE }).click();
  await app.simulator.held();
  await app.simulator.advance(8);
  for (const tab of [page, second]) await card(tab, EXAMPLE).getByRole('progressbar').waitFor();
  app.simulator.release();
  for (const tab of [page, second]) {
    await done(tab, EXAMPLE);
    await tab.locator('img[data-loaded="true"]').first().waitFor();
  }
  await card(second, EXAMPLE).getByRole('button', { name: 'Favourite' }).click();
  await card(page, EXAMPLE).getByRole('button', { name: 'Favourite', pressed: true }).waitFor();
  await api.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', {
    id: (await api.ask('{ generations { nodes { id } } }')).data.generations.nodes[0].id,
  });
  for (const tab of [page, second]) await tab.getByText('Your first picture appears here').waitFor();
  await other.page.getByText('Your first picture appears here').waitFor();
  expect(await cards(other.page).count()).toBe(0);
  expect([visit.faults, other.faults]).toEqual([[], []]);
  await Promise.all([visit.close(), other.close()]);
});

test('what ends in the background is in the title of the tab, and in a notification if the user turned them on', async () => {
  const visit = await enterStudio(browser, app.url, { permissions: ['notifications'] });
  const { page } = visit;
  const api = await apiOf(page);
  await page.evaluate(`
    globalThis.shown = [];
    globalThis.Notification = class { constructor(title, { body } = {}) { shown.push([title, body]) } };
    Notification.permission = 'granted';
    Notification.requestPermission = async () => 'granted';`);
  await page.getByRole('button', { name: 'Notify me when something is done' }).click();
  await page.getByRole('button', { name: 'Notify me when something is done', pressed: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.evaluate(`Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })`);
  await create(api, 'in the background');
  await titled(page, '✓ in the background · ComfyGraph');
  await until(() => page.evaluate<boolean>('shown.length > 1'), 'the notification');
  expect(await page.evaluate('shown.slice(1)')).toEqual([['Done', 'in the background']]);
  await page.evaluate(`delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))`);
  await titled(page, 'ComfyGraph');
  expect(visit.faults).toEqual([]);
  await visit.close();
});

const isOf = (body: string | null, operation: string): boolean => body?.includes(operation) ?? false;

/** Holds the request of an operation until `send`, and its response until `answer`. */
async function holdResponse(page: Page, operation: string): Promise<{ send(): void; answer(): void }> {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  await page.route('**/graphql', async (route) => {
    if (!isOf(route.request().postData(), operation)) return route.fallback();
    await gates[0].promise;
    const response = await route.fetch();
    await gates[1].promise;
    return route.fulfill({ response });
  });
  return { send: gates[0].resolve, answer: gates[1].resolve };
}
