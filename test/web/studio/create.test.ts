/**
 * The form that creates generations.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { demoModels } from '../../../src/simulator/demo-models.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, signUp } from '../../support/client.js';
import type { Visit } from '../visit.js';
import { chooseWorkflow, createButton, created, picture } from './create-support.js';
import { enterStudio, PHONE, violations } from './support.js';

/** A browser starts slowly on a busy machine. */
jest.setTimeout(90_000);

/** It has the classes and models of all built-in workflows. */
const SIMULATOR = { ...demoModels, version: '0.33.0', previews: false, stepMs: 0 } as const;

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
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Opens the form as if nothing was entered before. */
async function openForm({ page, faults }: Visit): Promise<Page> {
  faults.length = 0;
  await page.evaluate(`
    for (const key of Object.keys(localStorage)) if (/:(form|workflow):/.test(key)) localStorage.removeItem(key);
  `);
  await page.reload();
  await prompt(page).waitFor();
  return page;
}

const prompt = (page: Page) => page.getByLabel('Prompt', { exact: true });

test.each([
  ['light theme on a desktop', () => desktop],
  ['dark theme on a phone', () => phone],
])('a prompt alone makes a picture, in the %s', async (_, visitOf) => {
  const visit = visitOf();
  const page = await openForm(visit);
  await createButton(page).click();
  const problem = page.getByRole('alert').filter({ hasText: 'This is needed.' });
  await problem.waitFor();
  await page.locator('textarea:focus').waitFor();
  expect(await violations(page)).toEqual([]);
  await prompt(page).fill('a lighthouse');
  expect(await problem.count()).toBe(0);
  expect(await created(page, 1, () => page.keyboard.press('Control+Enter'))).toEqual([
    { workflow: 'text-to-image', prompt: 'a lighthouse' },
  ]);
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByLabel('Steps', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
});

test('values are sent as they were chosen, kept for the next visit, and reset', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake');
  await page.getByRole('combobox', { name: 'Model' }).click();
  await page.getByPlaceholder('Search').fill('shaper');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('option', { name: 'dreamshaper-8' }).click();
  await page.getByLabel('Width').fill('777');
  await page.getByLabel('Seed', { exact: true }).fill('18446744073709551615');
  await page.getByRole('combobox', { name: 'Add a LoRA' }).click();
  await page.getByRole('option', { name: 'watercolor' }).click();
  await page.getByRole('textbox', { name: 'Strength of watercolor' }).fill('0.5');
  await page.getByRole('button', { name: 'Advanced' }).click();
  await page.getByRole('slider', { name: 'Steps: slider' }).press('Home');
  const sent = {
    workflow: 'text-to-image',
    prompt: 'a lake',
    model: 'dreamshaper-8',
    // The nearest multiple of 8.
    width: 776,
    seed: '18446744073709551615',
    steps: 1,
    loras: [{ name: 'watercolor', strength: 0.5 }],
  };
  expect(await created(page, 1, () => createButton(page).click())).toEqual([sent]);

  await page.reload();
  await page.getByRole('button', { name: 'Remove watercolor' }).waitFor();
  expect(await created(page, 1, () => createButton(page).click())).toEqual([sent]);
  await page.getByRole('button', { name: 'Reset to defaults' }).click();
  expect(await prompt(page).inputValue()).toBe('');
  expect(await page.getByLabel('Width').inputValue()).toBe('');
  expect(desktop.faults).toEqual([]);
});

test('a problem that only the API knows is beside its field', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake');
  await page.getByLabel('Seed', { exact: true }).fill('18446744073709551616');
  await createButton(page).click();
  await page.getByText('This must be at most 18446744073709551615.').waitFor();
  await page.getByLabel('Seed', { exact: true }).fill('7');
  // As if the model had been chosen before it was removed.
  await page.evaluate(`
    for (const [key, value] of Object.entries(localStorage))
      if (key.endsWith(':text-to-image')) localStorage.setItem(key, value.replace('{', '{"model":"gone",'));
  `);
  await page.reload();
  const model = page.getByRole('combobox', { name: 'Model' });
  await page.getByText('No ComfyUI that is online has this model.').waitFor();
  await createButton(page).click();
  await page.getByRole('alert').filter({ hasText: 'Unknown model gone' }).waitFor();
  expect(await model.getAttribute('aria-invalid')).toBe('true');
  await page.locator('[role="combobox"]:focus').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(desktop.faults).toEqual([]);
});

test('several are made by number and by a list of prompts, each with a seed of its own unless it is locked', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake\n\na hill');
  await page.getByRole('switch', { name: 'Prompt list' }).click();
  await page.getByRole('button', { name: 'More', exact: true }).click();
  expect(await createButton(page).textContent()).toBe('Create 4');
  const each = (text: string) => ({ workflow: 'text-to-image', prompt: text });
  const four = ['a lake', 'a lake', 'a hill', 'a hill'].map(each);
  expect(await created(page, 4, () => createButton(page).click())).toEqual(four);
  await page.getByRole('button', { name: 'Draw a seed' }).click();
  const locked = await created(page, 4, () => createButton(page).click());
  expect(new Set(locked.map(({ seed }) => seed)).size).toBe(1);
  expect(locked[0]?.seed).toMatch(/^\d+$/);
});

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
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await page.getByRole('button', { name: 'Use these marks' }).click();
  const { data, info } = await sharp((await put).postDataBuffer() ?? Buffer.alloc(0))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
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
  await page.getByRole('button', { name: 'Mark everything' }).click();
  await page.getByRole('button', { name: 'Erase' }).click();
  await page.getByRole('img', { name: 'The marks' }).click({ position: { x: 30, y: 30 } });
  const put = page.waitForRequest((request) => request.method() === 'PUT');
  await page.getByRole('button', { name: 'Use these marks' }).click();
  const { data, info } = await sharp((await put).postDataBuffer() ?? Buffer.alloc(0))
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixel = (x: number, y: number) => [...data.subarray((y * info.width + x) * 4, (y * info.width + x) * 4 + 4)];
  expect([pixel(30, 30), pixel(90, 60)]).toEqual([
    [0, 0, 0, 255],
    [255, 255, 255, 0],
  ]);
  await area.getByRole('button', { name: 'Go on marking' }).waitFor();
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'masked', parameters: { photo: expect.any(String), area: expect.any(String) } });
  expect(desktop.faults).toEqual([]);
});

test('an input takes what was made before, from the history', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake');
  await created(page, 1, () => createButton(page).click());
  await chooseWorkflow(page, 'Upscale');
  const source = page.getByRole('group', { name: 'Picture to start from' });
  await source.getByRole('button', { name: 'From the history' }).click();
  const made = page.getByRole('dialog').getByRole('button', { name: 'a lake' }).first();
  await made.waitFor();
  expect(await violations(page)).toEqual([]);
  await made.click();
  await source.getByRole('img').waitFor();
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'upscale', source: expect.any(String) });
  expect(desktop.faults).toEqual([]);
});

test('the page says when no ComfyUI takes new work', async () => {
  await admin.ask('mutation { drainBackend(name: "comfyui-1") { id } }');
  const page = await openForm(desktop);
  const notice = page.getByRole('form').getByText('ComfyUI takes no new work now.');
  await notice.waitFor();
  expect(await violations(page)).toEqual([]);
  await admin.ask('mutation { resumeBackend(name: "comfyui-1") { id } }');
  await notice.waitFor({ state: 'hidden' });
});
