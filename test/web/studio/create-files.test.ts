/**
 * The files that generations start from: uploaded, marked with a brush, or made before.
 *
 * @slow: starts a browser.
 */
import type { Browser, Locator, Page, Request } from 'playwright-core';
import sharp from 'sharp';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, signUp } from '../../support/client.js';
import type { Visit } from '../visit.js';
import { chooseWorkflow, createButton, created, openForm, picture, prompt, SIMULATOR } from './create-support.js';
import { enterStudio, openRoom, PHONE, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let admin: Client;
let desktop: Visit;
let phone: Visit;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp({ simulator: SIMULATOR }), launchBrowser()]);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(admin);
  [desktop, phone] = await Promise.all([
    enterStudio(browser, app.url, { colorScheme: 'light' }),
    enterStudio(browser, app.url, { ...PHONE, colorScheme: 'dark' }),
  ]);
  // Chromium tells the bytes of an upload only to those who intercept it.
  for (const { page } of [desktop, phone]) await page.route('**/uploads/**', (route) => route.continue());
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** The pixels of a picture that the page uploads, with their transparency. */
async function pixelsOf(put: Request) {
  const { data, info } = await sharp(put.postDataBuffer() ?? Buffer.alloc(0))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
  return { info, pixel };
}

test('the parts of a picture that a finger marks become transparent, with their colours', async () => {
  const page = await openForm(phone);
  await prompt(page).fill('a door');
  await chooseWorkflow(page, 'Inpaint');
  expect(await prompt(page).inputValue()).toBe('a door');
  const source = page.getByRole('group', { name: 'Picture to start from' });
  const chooser = page.waitForEvent('filechooser');
  await source.getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'house.png', mimeType: 'image/png', buffer: await picture() });
  await source.getByRole('button', { name: 'Mark what should change' }).click();
  const canvas = page.getByRole('img', { name: 'The marks' });
  await canvas.waitFor();
  expect(await violations(page)).toEqual([]);
  await canvas.tap({ position: { x: 20, y: 20 } });
  await page.goBack();
  const question = page.getByRole('alertdialog');
  await question.waitFor();
  expect(await violations(page)).toEqual([]);
  await page.goBack();
  await question.waitFor({ state: 'detached' });
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await page.getByRole('button', { name: 'Use these marks' }).click();
  const { info, pixel } = await pixelsOf(await put);
  expect([info.width, info.height, info.channels]).toEqual([96, 64, 4]);
  expect([pixel(20, 20), pixel(90, 60)]).toEqual([
    [0x2f, 0x7a, 0x55, 0],
    [0x2f, 0x7a, 0x55, 255],
  ]);
  await source.getByRole('button', { name: 'Go on marking' }).waitFor();
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'inpaint', prompt: 'a door', source: expect.any(String) });

  // The file is still there at the next visit, and can be taken away.
  await page.reload();
  await source.getByRole('img', { name: 'Preview of marked.png' }).waitFor();
  await source.getByRole('button', { name: 'Remove the marks' }).click();
  await source.getByRole('button', { name: 'Remove the file' }).click();
  await createButton(page).click();
  await source.getByRole('alert').waitFor();
  expect(phone.faults).toEqual([]);
});

/** Shows a mask that is loaded from a file of its own. */
const MASKED = {
  name: 'masked',
  title: 'With a mask',
  isShared: true,
  graph: {
    '1': { class_type: 'LoadImage', inputs: { image: '' } },
    '2': { class_type: 'LoadImageMask', inputs: { image: '', channel: 'red' } },
    '3': { class_type: 'MaskToImage', inputs: { mask: ['2', 0] } },
    '4': { class_type: 'SaveImage', inputs: { images: ['3', 0], filename_prefix: 'mask' } },
    '5': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'picture' } },
  },
  inputs: [
    { name: 'photo', title: 'Photo', nodeId: '1', input: 'image' },
    { name: 'area', title: 'Area', nodeId: '2', input: 'image', type: 'MASK', group: 'Where' },
  ],
};

/** Two fingers go apart on `target`, as if to zoom. */
async function pinch(page: Page, target: Locator): Promise<void> {
  const { x = 0, y = 0, width = 0, height = 0 } = (await target.boundingBox()) ?? {};
  const cdp = await page.context().newCDPSession(page);
  const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...distances: number[]) =>
    cdp.send('Input.dispatchTouchEvent', {
      type,
      touchPoints: distances.map((each, id) => ({ x: x + width / 2 + each, y: y + height / 2, id })),
    });
  await send('touchStart', -10, 10);
  await send('touchMove', -30, 30);
  await send('touchEnd');
  await cdp.detach();
}

test('a mask is painted over the picture of the form: white and transparent is what changes', async () => {
  const { errors } = await admin.ask('mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { id } }', {
    input: MASKED,
  });
  expect(errors).toBeUndefined();
  const page = await openForm(desktop);
  await chooseWorkflow(page, 'With a mask');
  await page.getByRole('heading', { name: 'Where' }).waitFor();
  const area = page.getByRole('group', { name: 'Area' });
  await area.getByText('Choose the picture first').waitFor();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('group', { name: 'Photo' }).getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'house.png', mimeType: 'image/png', buffer: await picture() });
  await area.getByRole('button', { name: 'Mark what should change' }).click();
  const marks = page.getByRole('img', { name: 'The marks' });
  await pinch(page, marks);
  expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true);
  await page.getByRole('button', { name: 'Mark everything' }).click();
  await page.getByRole('button', { name: 'Erase' }).click();
  await marks.click({ position: { x: 30, y: 30 } });
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await page.getByRole('button', { name: 'Use these marks' }).click();
  const { pixel } = await pixelsOf(await put);
  expect([pixel(30, 30), pixel(90, 60)]).toEqual([
    [0, 0, 0, 255],
    [255, 255, 255, 0],
  ]);
  await area.getByRole('button', { name: 'Go on marking' }).waitFor();
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'masked', parameters: { photo: expect.any(String), area: expect.any(String) } });
  expect(desktop.faults).toEqual([]);
});

test('what was made before is an input, is still there after another room, and is not repainted without marks', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake');
  await created(page, 1, () => createButton(page).click());
  await chooseWorkflow(page, 'Inpaint');
  const source = page.getByRole('group', { name: 'Picture to start from' });
  await source.getByRole('button', { name: 'From the history' }).click();
  const made = page.getByRole('dialog').getByRole('button', { name: 'a lake' }).first();
  await made.waitFor();
  expect(await violations(page)).toEqual([]);
  await made.click();
  await source.getByRole('img').waitFor();
  await openRoom(page, 'History');
  await page.getByRole('heading', { level: 1, name: 'History' }).waitFor();
  await openRoom(page, 'Create');
  await source.getByRole('img').waitFor();
  await createButton(page).click();
  await source.getByRole('alert').filter({ hasText: 'Mark what should change first.' }).waitFor();

  await source.getByRole('button', { name: 'Mark what should change' }).click();
  await page.getByRole('button', { name: 'Mark everything' }).click();
  await page.getByRole('button', { name: 'Use these marks' }).click();
  const again = source.getByRole('button', { name: 'Go on marking' });
  await again.waitFor();
  await page.reload();
  await again.click();
  await page.getByRole('button', { name: 'Undo', disabled: false }).waitFor();
  await page.keyboard.press('Escape');
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'inpaint', prompt: 'a lake', source: expect.any(String) });
  expect(desktop.faults).toEqual([]);
});
