/**
 * Workflows: the list, an import, the form in the editor, versions, sharing.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, signUp } from '../../support/client.js';
import { CARD, find, save } from '../../workflows/saved/support.js';
import type { Visit } from '../visit.js';
import { enterStudio, newEmail, openRoom, PHONE, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let admin: Client;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp({ env: { WORKFLOW_AUTHORS: 'users' } }), launchBrowser()]);
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

type Author = { visit: Visit; page: Page; client: Client };

/** A new user with a saved workflow `card`, in the room of workflows. */
async function author(options: Parameters<typeof enterStudio>[2] = {}, isSaved = true): Promise<Author> {
  const email = newEmail();
  const client = await signUp(app.url, email);
  const inputs = [
    { name: 'width', nodeId: '1', input: 'width', title: 'Width', max: 512 },
    { name: 'seed', nodeId: '2', input: 'seed', title: 'Seed' },
    { name: 'strength', nodeId: '2', input: 'strength', title: 'Strength' },
  ];
  if (isSaved) await save(client, { title: 'A card', inputs });
  const visit = await enterStudio(browser, app.url, { email, ...options });
  await openRoom(visit.page, 'Workflows');
  return { visit, page: visit.page, client };
}

/** The titles of the inputs in the editor, in their order. */
const titlesOf = (page: Page): Promise<string[]> => page.locator('ol strong').allTextContents();
const saveForm = (page: Page) => page.getByRole('button', { name: /^Save/ }).click();

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)('a pasted workflow becomes a form, in the %s theme on a %s', async (colorScheme, _, device) => {
  const { visit, page, client } = await author({ ...device, colorScheme }, false);
  await page.getByText('None yet.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Import a workflow' }).click();
  await page.getByRole('dialog').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Or paste the workflow as JSON').fill('{"no": "workflow"}');
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('alert').waitFor();
  await page.getByLabel('Or paste the workflow as JSON').fill(JSON.stringify(CARD));
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('button', { name: 'Run once' }).waitFor();
  await page.getByRole('button', { name: 'Save …' }).click();
  await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByLabel('Title').first().fill('My card');
  expect(await page.getByLabel('Name in the API').first().inputValue()).toBe('my-card');
  await saveForm(page);
  await page.getByText('My card is saved as version 1.').waitFor();
  await page.getByRole('heading', { level: 1, name: 'My card' }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(await find(client, { name: 'my-card' })).toMatchObject({ title: 'My card', version: 1, isShared: false });
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

test('a picture that carries its workflow is imported', async () => {
  const { visit, page } = await author({}, false);
  await page.getByRole('button', { name: 'Import a workflow' }).click();
  await page.locator('input[type=file]').setInputFiles('test/workflows/import/files/p.webp');
  await page.getByRole('button', { name: 'Save …' }).click();
  await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
  await page.getByRole('heading', { level: 2, name: 'Outputs' }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a file is imported under its name, and says what no ComfyUI has', async () => {
  const { visit, page } = await author({}, false);
  const graph = { ...CARD, '4': { class_type: 'NodeOfNobody', inputs: { image: ['2', 0] } } };
  await page.getByRole('button', { name: 'Import a workflow' }).click();
  await page.locator('input[type=file]').setInputFiles({
    name: 'my_own-Poster.json',
    mimeType: 'application/json',
    buffer: Buffer.from(JSON.stringify(graph)),
  });
  await page.getByRole('button', { name: 'Save …' }).click();
  await page.getByRole('heading', { level: 1, name: 'New workflow' }).waitFor();
  await page.getByText('NodeOfNobody').first().waitFor();
  expect(await page.getByLabel('Title').first().inputValue()).toBe('My own Poster');
  expect(await page.getByLabel('Name in the API').first().inputValue()).toBe('my-own-poster');
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('inputs are ordered, removed, added and changed by keyboard, and saved as the next version', async () => {
  const { visit, page, client } = await author();
  await page.getByRole('link', { name: 'Edit A card' }).click();
  await page.getByRole('button', { name: 'Move Strength up' }).focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Enter');
  await page.getByText('Strength is now 1 of 3.').waitFor();
  expect(await titlesOf(page)).toEqual(['Strength', 'Width', 'Seed']);
  await page.getByRole('button', { name: 'Move Strength down' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Strength is now 2 of 3.').waitFor();
  await page.keyboard.press('Enter');
  expect(await titlesOf(page)).toEqual(['Width', 'Seed', 'Strength']);
  await page.getByRole('button', { name: 'Remove Seed' }).press('Enter');
  await page.getByRole('button', { name: 'Add an input' }).press('Enter');
  await page.getByLabel('Find a value').fill('height');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'EmptyImage · height' }).press('Enter');
  await page.getByLabel('Largest value').fill('256');
  await page.getByLabel('Group').fill('Size');
  await page.getByLabel('Hide it').check();
  expect(await violations(page)).toEqual([]);
  await saveForm(page);
  await page.getByText('A card is saved as version 2.').waitFor();
  expect(await find(client, { name: 'card' })).toMatchObject({
    version: 2,
    inputs: [
      { name: 'width', max: 512 },
      { name: 'strength' },
      { name: 'height', title: 'Height', type: 'INT', default: 64, max: 256, group: 'Size', isAdvanced: true },
    ],
  });
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('what the API rejects stands beside its field, which has the focus', async () => {
  const { visit, page } = await author();
  await page.getByRole('link', { name: 'Edit A card' }).click();
  await page.getByRole('button', { name: /^Width/ }).click();
  await page.getByLabel('Largest value').fill('999999');
  await page.getByRole('button', { name: /^Width/ }).click();
  await saveForm(page);
  await page.getByRole('alert').filter({ hasText: 'max must be from' }).waitFor();
  await page.getByText('Not saved: one field needs a change.').waitFor();
  await page.locator('[aria-invalid=true]:focus').waitFor();
  expect(await page.locator(':focus').inputValue()).toBe('999999');
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Largest value').fill('128');
  await page.getByLabel('Name in the API').nth(1).fill('seed');
  await saveForm(page);
  await page.getByRole('alert').filter({ hasText: 'two bindings have this name' }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('changes that are not saved are found again, until they are discarded or saved', async () => {
  const { visit, page, client } = await author();
  const title = page.getByLabel('Title').first();
  const saveButton = page.getByRole('button', { name: 'Save as next version' });
  const discard = page.getByRole('button', { name: 'Discard changes' });
  await page.getByRole('link', { name: 'Edit A card' }).click();
  await saveButton.and(page.locator('[aria-disabled=true]')).waitFor();
  await openRoom(page, 'Account');
  await page.goBack();
  // Nothing was edited: the page that was read again is the same form.
  await saveButton.and(page.locator('[aria-disabled=true]')).waitFor();
  expect(await discard.count()).toBe(0);

  await title.fill('A better card');
  await discard.waitFor();
  await openRoom(page, 'Workflows');
  await page.getByRole('link', { name: 'Go on editing A better card' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.reload();
  await page.getByRole('link', { name: 'Go on editing A better card' }).click();
  expect(await title.inputValue()).toBe('A better card');
  await discard.click();
  expect(await title.inputValue()).toBe('A card');
  await saveButton.and(page.locator('[aria-disabled=true]')).waitFor();

  await openRoom(page, 'Workflows');
  await page.getByRole('link', { name: 'Edit A card' }).waitFor();
  expect(await page.getByText('Not saved yet').count()).toBe(0);
  await page.getByRole('button', { name: 'Import a workflow' }).click();
  await page.getByLabel('Or paste the workflow as JSON').fill(JSON.stringify(CARD));
  await page.getByRole('button', { name: 'Read it' }).click();
  await page.getByRole('button', { name: 'Save …' }).click();
  await title.fill('Imported');
  await openRoom(page, 'Workflows');
  await page.reload();
  await page.getByRole('link', { name: 'Go on editing Imported' }).click();
  await page.getByLabel('Name in the API').first().fill('imported');
  await saveForm(page);
  await page.getByText('Imported is saved as version 1.').waitFor();
  await openRoom(page, 'Workflows');
  await page.getByRole('link', { name: 'Edit Imported' }).waitFor();
  expect(await page.getByText('Not saved yet').count()).toBe(0);
  expect((await find(client, { name: 'card' })).version).toBe(1);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('an earlier version is shown, and saved again as the newest', async () => {
  const { visit, page, client } = await author();
  await save(client, { title: 'A newer card' });
  // The list may have been read before.
  await page.reload();
  await page.getByRole('link', { name: 'Edit A newer card' }).click();
  await page.getByText('No inputs').waitFor();
  await page.getByLabel('Version', { exact: true }).selectOption('Version 1');
  await page.getByRole('button', { name: /^Strength/ }).waitFor();
  await page.getByText('Saving makes it the newest again.').waitFor();
  expect(await violations(page)).toEqual([]);
  await saveForm(page);
  await page.getByText('A card is saved as version 3.').waitFor();
  expect((await find(client, { name: 'card' })).inputs).toHaveLength(3);
  await page.goto(`${app.url}/#/workflows/none`);
  await page.getByText('There is no such workflow').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('an admin shares a workflow, others read and use it, and its deletion ends that', async () => {
  await save(admin, { name: 'for-all', title: 'For all', inputs: [{ name: 'width', nodeId: '1', input: 'width' }] });
  const [owner, other] = [
    await enterStudio(browser, app.url, { email: ADMIN_EMAIL }),
    await enterStudio(browser, app.url),
  ];
  await openRoom(owner.page, 'Workflows');
  await owner.page.getByRole('link', { name: 'Edit For all' }).click();
  await owner.page.getByRole('button', { name: 'Share', exact: true }).click();
  expect(await violations(owner.page)).toEqual([]);
  await owner.page.getByRole('alertdialog').getByRole('button', { name: 'Share' }).click();
  await owner.page.getByRole('button', { name: 'Stop sharing' }).waitFor();

  await openRoom(other.page, 'Workflows');
  await other.page.getByLabel('Search').fill('for all');
  await other.page.getByRole('heading', { name: 'Built in' }).waitFor({ state: 'detached' });
  await other.page.getByRole('list', { name: 'Shared' }).getByRole('link', { name: 'For all' }).click();
  await other.page.getByRole('heading', { name: 'Inputs' }).waitFor();
  expect(await other.page.getByRole('button', { name: /Save|Delete/ }).count()).toBe(0);
  expect(await violations(other.page)).toEqual([]);
  await other.page.getByRole('button', { name: 'Use' }).click();
  await other.page.getByRole('heading', { level: 1, name: 'Create' }).waitFor();

  await owner.page.getByRole('button', { name: 'Delete', exact: true }).click();
  await owner.page.getByRole('alertdialog').waitFor();
  expect(await violations(owner.page)).toEqual([]);
  await owner.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
  await owner.page.getByText('For all is deleted.').waitFor();
  await owner.page.getByRole('heading', { level: 1, name: 'Workflows' }).waitFor();
  await owner.page.getByText('None yet.').waitFor();
  expect([owner.faults, other.faults]).toEqual([[], []]);
  await Promise.all([owner.close(), other.close()]);
});
