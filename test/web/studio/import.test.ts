/**
 * Importing workflows and pictures into the studio.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { createButton, created, drop, picture, pictureWithGraph, SIMULATOR } from './create-support.js';
import { enterStudio, openRoom, PHONE, violations } from './support.js';

const GRAPH = {
  '3': {
    class_type: 'KSampler',
    inputs: {
      seed: 5,
      steps: 4,
      cfg: 7,
      sampler_name: 'euler',
      scheduler: 'normal',
      denoise: 1,
      model: ['4', 0],
      positive: ['6', 0],
      negative: ['7', 0],
      latent_image: ['5', 0],
    },
  },
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dreamshaper-8.safetensors' } },
  '5': { class_type: 'EmptyLatentImage', inputs: { width: 64, height: 64, batch_size: 1 } },
  '6': { class_type: 'CLIPTextEncode', inputs: { text: 'a cat', clip: ['4', 1] } },
  '7': { class_type: 'CLIPTextEncode', inputs: { text: '', clip: ['4', 1] } },
  '8': { class_type: 'VAEDecode', inputs: { samples: ['3', 0], vae: ['4', 2] } },
  '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'ComfyUI' } },
};
const LACKING = {
  ...GRAPH,
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'dreamshaper-9.safetensors' } },
};

let app: TestApp;
let browser: Browser;
/** An author of workflows. */
let admin: Visit;
/** Not an author. */
let guest: Visit;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp({ simulator: SIMULATOR }), launchBrowser()]);
  await allOnline(await signUp(app.url, ADMIN_EMAIL));
  [admin, guest] = await Promise.all([
    enterStudio(browser, app.url, { email: ADMIN_EMAIL }),
    enterStudio(browser, app.url, { ...PHONE, colorScheme: 'dark' }),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** The title that the editor proposes. */
const title = (page: Page) => page.getByLabel('Title').first().inputValue();
const imported = (page: Page) => page.getByRole('dialog', { name: /^Import/ });

test('a picture of ComfyUI that is dropped on any room brings its form, which runs once', async () => {
  const { page, faults } = admin;
  await openRoom(page, 'Account');
  await drop(page, 'main', { name: 'cat.png', mimeType: 'image/png', buffer: await pictureWithGraph(GRAPH) });
  await page.getByRole('dialog', { name: 'Imported: cat' }).waitFor();
  const prompt = imported(page).getByLabel('Prompt', { exact: true });
  expect(await prompt.inputValue()).toBe('a cat');
  expect(await violations(page)).toEqual([]);
  await prompt.fill('a dog');
  const [input] = await created(page, 1, () => imported(page).getByRole('button', { name: 'Run once' }).click());
  // The seed in the graph would make the same picture again.
  expect(input?.parameters).toEqual({ '6.text': 'a dog', '3.seed': expect.stringMatching(/^\d+$/) });
  await createButton(page).waitFor();
  expect(faults).toEqual([]);
});

test('a workflow that is pasted says what ComfyUI lacks, and opens in the editor with the values of its form', async () => {
  const { page, faults } = admin;
  await openRoom(page, 'Create');
  await page.getByRole('button', { name: 'Import', exact: true }).click();
  const dialog = imported(page);
  const text = dialog.getByLabel('Or paste the workflow as JSON');
  await text.fill('{"a": 1}');
  await dialog.getByRole('button', { name: 'Read it' }).click();
  await dialog.getByText('This is no workflow of ComfyUI.').waitFor();
  expect(await violations(page)).toEqual([]);
  await text.fill(JSON.stringify(LACKING));
  await dialog.getByRole('button', { name: 'Read it' }).click();
  await dialog.getByText('the file dreamshaper-9.safetensors in models/checkpoints').waitFor();
  await dialog.getByText('No ComfyUI that is online has this model.').waitFor();
  expect(await violations(page)).toEqual([]);
  await dialog.getByLabel('Prompt', { exact: true }).fill('a fox');
  await dialog.getByRole('button', { name: 'Run once' }).click();
  await dialog.getByRole('alert').filter({ hasText: 'ComfyUI lacks dreamshaper-9.safetensors.' }).waitFor();
  await dialog.getByRole('button', { name: 'Save …' }).click();
  await page.waitForURL('**/#/workflows/new');
  // Nothing names it but the time.
  expect(await title(page)).toMatch(/^Workflow of .*\d:\d\d$/);
  await page.getByRole('button', { name: /^Prompt/ }).click();
  expect(await page.getByLabel('Value if left out').inputValue()).toBe('a fox');
  expect(faults).toEqual([]);
});

test('a workflow in the clipboard is imported wherever it is pasted, titled as its files, and other text is not', async () => {
  const { page, faults } = admin;
  await openRoom(page, 'Create');
  await createButton(page).waitFor();
  const paste = (text: string) =>
    page.evaluate(`(() => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', ${JSON.stringify(text)});
      const event = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
      document.querySelector('form textarea').dispatchEvent(event);
    })()`);
  await paste('a lake');
  expect(await imported(page).count()).toBe(0);
  await paste(JSON.stringify(GRAPH));
  await imported(page).getByRole('button', { name: 'Run once' }).waitFor();
  await page.keyboard.press('Escape');
  const named = {
    ...GRAPH,
    '9': { ...GRAPH['9'], inputs: { ...GRAPH['9'].inputs, filename_prefix: 'sky/night_sky' } },
  };
  await paste(JSON.stringify(named));
  await imported(page).getByRole('button', { name: 'Save …' }).click();
  await page.waitForURL('**/#/workflows/new');
  expect(await title(page)).toBe('Night sky');
  expect(faults).toEqual([]);
});

test('a picture without a workflow becomes the source of a new one', async () => {
  const { page, faults } = admin;
  await drop(page, 'main', { name: 'house.png', mimeType: 'image/png', buffer: await picture() });
  await imported(page).getByText('This file carries no workflow.').waitFor();
  expect(await violations(page)).toEqual([]);
  await imported(page).getByRole('button', { name: 'Take something else' }).click();
  const chooser = page.waitForEvent('filechooser');
  await imported(page).getByRole('button', { name: 'Choose a file' }).click();
  await (await chooser).setFiles({ name: 'house.png', mimeType: 'image/png', buffer: await picture() });
  await imported(page).getByRole('button', { name: 'Use the file as an input' }).click();
  const source = page.getByRole('group', { name: 'Picture to start from' });
  await source.getByRole('img', { name: 'Preview of house.png' }).waitFor();
  await page.getByRole('form').getByLabel('Prompt', { exact: true }).fill('a house');
  const [input] = await created(page, 1, () => createButton(page).click());
  expect(input).toEqual({ workflow: 'image-to-image', prompt: 'a house', source: expect.any(String) });

  // On the field itself it is no import.
  await source.getByRole('button', { name: 'Remove the file' }).click();
  await drop(page, 'fieldset button', { name: 'door.png', mimeType: 'image/png', buffer: await picture() });
  await source.getByRole('img', { name: 'Preview of door.png' }).waitFor();
  expect(await imported(page).count()).toBe(0);
  expect(faults).toEqual([]);
});

test('who may not import is told so, and may still use the picture', async () => {
  const { page, faults } = guest;
  await openRoom(page, 'Workflows');
  await page.getByText('On this server, admins bring them.').waitFor();
  expect(await page.getByRole('button', { name: /^Import/ }).count()).toBe(0);
  await openRoom(page, 'Create');
  await drop(page, 'main', { name: 'cat.png', mimeType: 'image/png', buffer: await pictureWithGraph(GRAPH) });
  await imported(page).getByText('Only admins of this server import workflows').waitFor();
  expect(await violations(page)).toEqual([]);
  await imported(page).getByRole('button', { name: 'Use the file as an input' }).click();
  await page.getByRole('img', { name: 'Preview of cat.png' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(faults).toEqual([]);
});

test('a workflow that ran once has its prompt and its model on its card, in the gallery and in its large view', async () => {
  const { page, faults } = admin;
  await openRoom(page, 'Create');
  await drop(page, 'main', { name: 'owl.png', mimeType: 'image/png', buffer: await pictureWithGraph(GRAPH) });
  await imported(page).getByLabel('Prompt', { exact: true }).fill('an owl');
  await imported(page).getByLabel('Negative prompt').fill('blur');
  await created(page, 1, () => imported(page).getByRole('button', { name: 'Run once' }).click());
  const card = page.getByRole('listitem').filter({ has: page.getByRole('heading', { name: 'an owl' }) });
  await card.getByText(/^Imported workflow · comfyui-1/).waitFor();
  await openRoom(page, 'History');
  await page.getByRole('link', { name: /^an owl, / }).click();
  const facts = page.getByRole('complementary', { name: 'Details' });
  for (const text of ['an owl', 'blur', 'Imported workflow', 'dreamshaper-8'])
    await facts.getByText(text, { exact: true }).waitFor();
  // What is shown apart is not shown twice.
  expect(await facts.getByText(/CLIPTextEncode|graph-/).count()).toBe(0);
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  expect(faults).toEqual([]);
});

test('on a phone, a workflow that ran once is in sight, and its large view leads back to that place', async () => {
  const { page, faults } = await enterStudio(browser, app.url, { email: ADMIN_EMAIL, ...PHONE });
  const cat = { name: 'cat.png', mimeType: 'image/png', buffer: await pictureWithGraph(GRAPH) };
  await drop(page, 'main', cat);
  await imported(page).waitFor();
  await page.goBack();
  await imported(page).waitFor({ state: 'detached' });
  await page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();
  await drop(page, 'main', cat);
  await imported(page).getByLabel('Prompt', { exact: true }).fill('a phone');
  await created(page, 1, () => imported(page).getByRole('button', { name: 'Run once' }).click());
  const title = page.getByRole('region', { name: 'Now' }).getByRole('link', { name: 'a phone' }).first();
  const isInSight = async () => {
    const box = await title.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= (PHONE.viewport?.height ?? 0);
  };
  await until(isInSight, 'the new card to be in sight');
  await title.click();
  const viewer = page.getByRole('dialog', { name: 'a phone' });
  await viewer.getByText('1 of').waitFor();
  await viewer.getByRole('button', { name: 'Back', exact: true }).click();
  await until(isInSight, 'the card to be in sight again');
  await until(() => title.evaluate((link) => link.matches(':focus')), 'its link to have the focus');
  expect(faults).toEqual([]);
});
