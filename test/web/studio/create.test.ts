/**
 * The form that creates generations.
 *
 * @slow: starts a browser.
 */
import type { Browser } from 'playwright-core';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { createButton, created, openForm, prompt, SIMULATOR } from './create-support.js';
import { enterStudio, PHONE, violations } from './support.js';

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

test.each([
  ['light theme on a desktop', () => desktop],
  ['dark theme on a phone', () => phone],
])('a prompt alone makes a picture, in the %s', async (_, visitOf) => {
  const visit = visitOf();
  const page = await openForm(visit);
  await createButton(page).click();
  const problem = page.getByRole('alert').filter({ hasText: 'Fill this in.' });
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

test('values are sent as they are seen, kept for the next visit, and reset', async () => {
  const page = await openForm(desktop);
  await prompt(page).fill('a lake');
  // What the server takes is said.
  await page.getByPlaceholder('512').first().waitFor();
  await page
    .getByRole('combobox', { name: 'Model' })
    .getByText(/^Automatic \(.+\)$/)
    .waitFor();
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
  await page.getByRole('combobox', { name: 'Scheduler' }).click();
  await page.getByRole('listbox').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  const steps = page.getByRole('slider', { name: 'Steps: slider' });
  expect(await steps.getAttribute('aria-valuenow')).toBe('20');
  await steps.press('Home');
  const sent = {
    workflow: 'text-to-image',
    prompt: 'a lake',
    model: 'dreamshaper-8',
    width: 776,
    seed: '18446744073709551615',
    steps: 1,
    loras: [{ name: 'watercolor', strength: 0.5 }],
  };
  const range = 'From 64 to 2048 in steps of 8: 776 is the nearest.';
  await page.getByText(range).waitFor();
  await page.getByLabel('Width').press('Control+Enter');
  await page.getByRole('alert').filter({ hasText: range }).waitFor();
  expect(await page.getByLabel('Width').inputValue()).toBe('777');
  await page.getByLabel('Width').fill('776');
  expect(await created(page, 1, () => createButton(page).click())).toEqual([sent]);

  await page.reload();
  await page.getByRole('button', { name: 'Remove watercolor' }).waitFor();
  expect(await created(page, 1, () => createButton(page).click())).toEqual([sent]);
  await page.getByRole('button', { name: 'Reset to defaults' }).click();
  expect(await page.getByLabel('Width').inputValue()).toBe('');
  expect(await prompt(page).inputValue()).toBe('a lake');
  await page.getByRole('button', { name: 'Undo' }).click();
  expect(await page.getByLabel('Width').inputValue()).toBe('776');
  expect(desktop.faults).toEqual([]);
});

test('usual proportions keep about as many pixels, in steps that the fields take', async () => {
  const page = await openForm(desktop);
  const size = async () => [await page.getByLabel('Width').inputValue(), await page.getByLabel('Height').inputValue()];
  await page.getByRole('button', { name: '1:1', pressed: true }).waitFor();
  await page.getByRole('button', { name: '3:2' }).click();
  expect(await size()).toEqual(['624', '416']);
  await page.getByRole('button', { name: 'Swap the sides' }).click();
  expect(await size()).toEqual(['416', '624']);
  await page.getByRole('button', { name: '2:3', pressed: true }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('the keyboard opens each picker for the first time, chooses, and is at the picker again', async () => {
  const page = await openForm(desktop);
  const model = page.getByRole('combobox', { name: 'Model' });
  await model.focus();
  await page.keyboard.press('ArrowDown');
  await page.locator('input:focus').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.type('shaper');
  await page.getByRole('option', { name: 'dreamshaper-8' }).waitFor();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Model', expanded: false }).and(page.locator(':focus')).waitFor();
  expect(await model.textContent()).toBe('dreamshaper-8');
  await page.keyboard.press('Enter');
  await page.locator('input:focus').waitFor();
  await page.keyboard.press('Escape');
  await model.and(page.locator(':focus')).waitFor();

  await page.getByRole('button', { name: 'Advanced' }).click();
  const scheduler = page.getByRole('combobox', { name: 'Scheduler' });
  await scheduler.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('option', { name: 'karras' }).waitFor();
  await page.keyboard.type('kar');
  await page.keyboard.press('Enter');
  await page.getByRole('combobox', { name: 'Scheduler', expanded: false }).and(page.locator(':focus')).waitFor();
  expect(await scheduler.textContent()).toBe('karras');
  expect(await violations(page)).toEqual([]);
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
  await page.getByRole('button', { name: /^Workflow:/ }).click();
  await page.getByRole('dialog', { name: 'Choose a workflow' }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test('the page says when no ComfyUI takes new work', async () => {
  await admin.ask('mutation { drainBackend(name: "comfyui-1") { id } }');
  const page = await openForm(desktop);
  const notice = page.getByRole('region', { name: 'Now' }).getByText('ComfyUI takes no new work now.');
  await notice.waitFor();
  expect(await violations(page)).toEqual([]);
  await admin.ask('mutation { resumeBackend(name: "comfyui-1") { id } }');
  await notice.waitFor({ state: 'hidden' });
});

test('that a phone reached no server is in sight, above the list that it shows', async () => {
  const page = await openForm(phone);
  await prompt(page).fill('a lake');
  await page.route('**/graphql', (route) =>
    route.request().postData()?.includes('mutation CreateGeneration') ? route.abort() : route.fallback(),
  );
  await page.getByRole('region', { name: 'Now' }).scrollIntoViewIfNeeded();
  await prompt(page).press('Control+Enter');
  const problem = page.getByRole('alert').filter({ hasText: 'No response from the server.' });
  await problem.waitFor();
  await until(async () => {
    const box = await problem.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= (PHONE.viewport?.height ?? 0);
  }, 'the message is in sight');
  await page.unroute('**/graphql');
  await problem.waitFor({ state: 'detached' });
});
