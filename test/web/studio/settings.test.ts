/**
 * The settings and the outputs of a generation in the form again: exactly those, or what is missing is said.
 *
 * @slow: starts a browser.
 */
import type { Browser } from 'playwright-core';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { signUp } from '../../support/client.js';
import { CARD } from '../../workflows/saved/support.js';
import type { Visit } from '../visit.js';
import { type CreateInput, createButton, created, picture, SIMULATOR } from './create-support.js';
import { complete, type Owner } from './history-support.js';
import { enterStudio, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let user: Owner;
let visit: Visit;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp({ simulator: SIMULATOR }), launchBrowser()]);
  user = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(user);
  visit = await enterStudio(browser, app.url, { email: ADMIN_EMAIL });
});
afterEach(() => expect(visit.faults.splice(0)).toEqual([]));
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const ask = async (document: string, variables: Record<string, unknown> = {}) => {
  const { data, errors } = await user.ask(document, variables);
  expect(errors).toBeUndefined();
  return data;
};
/** @returns the id of a generation that is complete */
const make = async (input: object): Promise<string> => {
  const [id = ''] = await complete(user, [''], { prompt: null, steps: null, width: null, height: null, ...input });
  return id;
};
const saveCard = (inputs: object[]) =>
  ask('mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { id } }', {
    input: { name: 'card', title: 'A card', graph: CARD, inputs },
  });
const upload = async (): Promise<string> => {
  const bytes = await picture();
  const { createUpload } = await ask(
    'mutation ($input: CreateUploadInput!) { createUpload(input: $input) { id url } }',
    { input: { contentType: 'image/png', byteSize: bytes.length } },
  );
  await fetch(new URL(createUpload.url, app.url), {
    method: 'PUT',
    body: new Uint8Array(bytes),
    headers: { 'content-type': 'image/png' },
  });
  return createUpload.id;
};

/** Opens a generation and brings something of it to the form. */
async function bring(id: string, name: 'Use these settings' | 'Use as input'): Promise<void> {
  await visit.page.goto(`${app.url}/#/history/${id}`);
  await visit.page.getByRole('complementary', { name: 'Details' }).getByRole('button', { name }).click();
}
/** @returns what the form sends */
async function sent(button = 'Create'): Promise<CreateInput | undefined> {
  const { page } = visit;
  const run = button === 'Create' ? createButton(page) : page.getByRole('dialog').getByRole('button', { name: button });
  const [input] = await created(page, 1, () => run.click());
  return input;
}

const STRENGTH = { name: 'strength', title: 'Strength', nodeId: '2', input: 'strength' };
const WIDTH = { name: 'width', title: 'Width', nodeId: '1', input: 'width' };
const SEED = { name: 'seed', title: 'Seed', nodeId: '2', input: 'seed' };

test('the settings of a built-in workflow come back with model, LoRAs and seed, and make the same again', async () => {
  const input = {
    workflow: 'text-to-image',
    prompt: 'a lake',
    negativePrompt: 'fog',
    model: 'dreamshaper-8',
    seed: '18446744073709551615',
    steps: 3,
    guidance: 4.5,
    sampler: 'heun',
    scheduler: 'karras',
    width: 128,
    height: 64,
    batchSize: 2,
    loras: [
      { name: 'watercolor', strength: -0.5 },
      { name: 'add-detail', strength: 1 },
    ],
  };
  await bring(await make(input), 'Use these settings');
  await visit.page.getByRole('button', { name: 'Remove watercolor' }).waitFor();
  expect(await sent()).toEqual(input);
});

test('a picture that was uploaded comes back, and one that was deleted is said to be gone at its field', async () => {
  const { page } = visit;
  const source = await upload();
  const id = await make({ workflow: 'image-to-image', prompt: 'a door', source, seed: '7', denoise: 0.5 });
  await bring(id, 'Use these settings');
  await page
    .getByRole('group', { name: 'Picture to start from' })
    .getByRole('button', { name: 'Remove the file' })
    .waitFor();
  expect(await sent()).toMatchObject({ workflow: 'image-to-image', prompt: 'a door', source, seed: '7', denoise: 0.5 });
  await ask('mutation ($id: ID!) { deleteUpload(id: $id) }', { id: source });
  await bring(id, 'Use these settings');
  await page.getByText('The file of these settings does not exist any more.').waitFor();
  await page.getByRole('form').getByLabel('Prompt', { exact: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('the settings of an older version are in the form of the newest, which says what it lacks', async () => {
  const { page } = visit;
  await saveCard([WIDTH, STRENGTH, SEED]);
  const id = await make({ workflow: 'card', seed: '7', width: 128, parameters: { strength: 0.7 } });
  await bring(id, 'Use these settings');
  await page.getByRole('form', { name: 'A card' }).waitFor();
  expect(await sent()).toEqual({ workflow: 'card', seed: '7', width: 128, parameters: { strength: 0.7 } });
  await saveCard([WIDTH, SEED]);
  await bring(id, 'Use these settings');
  await page
    .getByText('This was made with version 1 of the workflow, which has changed since. Not in this form: Strength.')
    .waitFor();
  expect(await sent()).toEqual({ workflow: 'card', seed: '7', width: 128 });

  await ask('mutation { deleteWorkflow(name: "card") }');
  await bring(id, 'Use these settings');
  await page.getByRole('dialog', { name: 'Run it again' }).getByRole('button', { name: 'Run once' }).waitFor();
  expect(await sent('Run once')).toMatchObject({
    graph: CARD_STORED,
    parameters: { '1.width': 128, '2.seed': '7', '2.strength': 0.7 },
  });
});
const CARD_STORED = { ...CARD, '3': { ...CARD['3'], inputs: { ...CARD['3'].inputs, filename_prefix: '' } } };

test('a graph that ran once comes back with its own values and the changed ones', async () => {
  const { page } = visit;
  const own = await make({ graph: CARD });
  await bring(own, 'Use these settings');
  await page.getByRole('dialog', { name: 'Run it again' }).waitFor();
  expect(await sent('Run once')).toEqual({ graph: CARD_STORED, parameters: { '2.seed': '5' } });
  const parameters = { '2.seed': '18446744073709551615', '1.width': 128, '2.strength': 0.3 };
  await bring(await make({ graph: CARD, parameters }), 'Use these settings');
  await page.getByRole('dialog', { name: 'Run it again' }).waitFor();
  expect(await sent('Run once')).toEqual({ graph: CARD_STORED, parameters });
});

test('a text keeps its line breaks, also where the node has one line', async () => {
  const { page } = visit;
  const graph = {
    text: { class_type: 'PrimitiveString', inputs: { value: 'one\ntwo' } },
    show: { class_type: 'PreviewAny', inputs: { source: ['text', 0] } },
  };
  await bring(await make({ graph }), 'Use these settings');
  const field = page.getByRole('dialog', { name: 'Run it again' }).getByRole('textbox', { name: 'Source' });
  await field.press('Control+End');
  await field.pressSequentially('!');
  expect(await sent('Run once')).toMatchObject({ parameters: { 'text.value': 'one\ntwo!' } });
});

test('an output becomes the input of the workflow for pictures, with the prompt that made it', async () => {
  const { page } = visit;
  const id = await make({ prompt: 'a house', width: 64, height: 64, steps: 1 });
  const { generation } = await ask('query ($id: ID!) { generation(id: $id) { result { images { id } } } }', { id });
  await bring(id, 'Use these settings');
  await page.getByRole('form', { name: 'Text to image' }).waitFor();
  await bring(id, 'Use as input');
  await page.getByRole('form', { name: 'Image to image' }).waitFor();
  expect(await sent()).toMatchObject({
    workflow: 'image-to-image',
    prompt: 'a house',
    source: generation.result.images[0].id,
  });
});
