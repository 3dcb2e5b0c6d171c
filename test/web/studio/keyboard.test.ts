/**
 * The studio by keyboard alone: everything can be reached and used, and the focus is never lost.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { interrupting } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { CARD, find } from '../../workflows/saved/support.js';
import type { Visit } from '../visit.js';
import { created, picture, SIMULATOR } from './create-support.js';
import { complete, openHistory, owner, tile } from './history-support.js';
import { type Keys, keysOf } from './keyboard-support.js';
import { enterStudio, newEmail, PASSWORD, said, visitStudio } from './support.js';

let app: TestApp;
let browser: Browser;
let admin: Client;
let visit: Visit;
let page: Page;
let keys: Keys;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp({ simulator: SIMULATOR }), launchBrowser()]);
  admin = await signUp(app.url, ADMIN_EMAIL);
  await allOnline(admin);
});
afterEach(async () => {
  app.simulator.heal();
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

function begin(opened: Visit): void {
  visit = opened;
  page = visit.page;
  keys = keysOf(page);
  // The browser then gives its dialogs to the test, from the first one on.
  page.on('filechooser', () => {});
}
const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true });
const link = (name: string | RegExp) => page.getByRole('link', { name, exact: true });
const room = (name: string) => page.getByRole('navigation', { name: 'Rooms' }).getByRole('link', { name });
const title = (name: string) => page.getByRole('heading', { level: 1, name });
/** Waits until a dialog is gone. */
const closed = () => page.locator('[role="dialog"]:has(h2), [role="alertdialog"]').waitFor({ state: 'detached' });

test('somebody signs up, moves between rooms, and past the navigation', async () => {
  begin(await visitStudio(browser, app.url));
  await page.getByLabel('Email').waitFor();
  await keys.to(page.getByLabel('Email'));
  await keys.type(newEmail());
  await keys.to(page.getByLabel('Password'));
  await keys.type(PASSWORD);
  await page.keyboard.press('Enter');
  await title('Create').waitFor();
  await keys.at(title('Create'));

  await keys.use(room('History'), 'Shift+Tab');
  await title('History').waitFor();
  await said(page, 'History');
  await until(async () => (await page.title()) === 'History · ComfyGraph', 'the title of the tab');
  await keys.use(button('Skip to the content'), 'Shift+Tab');
  await keys.at(page.getByRole('main'));
  await keys.press('Tab');
  await keys.at(page.getByRole('searchbox'));
  await keys.use(room('Workflows'), 'Shift+Tab');
  await title('Workflows').waitFor();
  await keys.use(link('Text to image'));
  await keys.at(title('Text to image'));
  await keys.use(button('Use'));
  await keys.at(title('Create'));
});

test('a form is filled and sent, and what runs is canceled', async () => {
  begin(await enterStudio(browser, app.url));
  const form = page.getByRole('form');
  await keys.use(button(/^Workflow:/));
  await keys.at(page.getByRole('searchbox', { name: 'Search' }));
  await keys.type('image to image');
  await keys.use(page.getByRole('dialog').getByRole('button', { name: /^Image to image/ }));
  await page.getByRole('form', { name: 'Image to image' }).waitFor();
  await closed();
  await keys.at(button(/^Workflow:/));

  const source = form.getByRole('group', { name: 'Picture to start from' });
  await keys.to(source.getByRole('button', { name: 'Choose a file' }));
  const chooser = page.waitForEvent('filechooser');
  await page.keyboard.press('Enter');
  await (await chooser).setFiles({ name: 'house.png', mimeType: 'image/png', buffer: await picture() });
  await source.getByRole('button', { name: 'Remove the file' }).waitFor();
  await keys.at(source.getByRole('button', { name: 'Remove the file' }));
  await keys.to(form.getByLabel('Prompt', { exact: true }), 'Shift+Tab');
  await keys.type('a house');
  const model = form.getByRole('combobox', { name: 'Model' });
  await keys.use(model);
  await keys.at(page.getByRole('combobox', { name: 'Search' }));
  await keys.type('shaper');
  await page.getByRole('option', { name: 'dreamshaper-8' }).waitFor();
  await keys.press('ArrowDown', 'Enter');
  await keys.at(model);
  await keys.to(form.getByLabel('Seed', { exact: true }));
  await keys.type('7');
  await keys.use(form.getByRole('button', { name: 'Advanced' }));
  await keys.to(form.getByRole('slider', { name: 'Steps: slider' }));
  await keys.press('Home', 'ArrowRight');
  const sampler = form.getByRole('combobox', { name: 'Sampler' });
  await keys.use(sampler);
  await page.getByRole('listbox').waitFor();
  await keys.press('ArrowDown', 'Enter');
  await keys.at(sampler);

  app.simulator.hold();
  const [input] = await created(page, 1, () => keys.press('Control+Enter'));
  expect(input).toMatchObject({
    workflow: 'image-to-image',
    prompt: 'a house',
    model: 'dreamshaper-8',
    seed: '7',
    steps: 2,
  });
  await said(page, 'It is in the queue.');
  await app.simulator.held();
  const card = page.getByRole('region', { name: 'Now' }).getByRole('listitem').first();
  await interrupting(app, () => keys.use(card.getByRole('button', { name: 'Cancel' })));
  app.simulator.release();
  await keys.at(card.getByRole('button', { name: 'Try again' }));
  await said(page, 'Canceled: a house');
});

test('the gallery is walked through, compared, shared, downloaded and cleared', async () => {
  const user = await owner(app);
  await complete(user, ['one', 'two', 'three', 'four']);
  begin(await openHistory(browser, app, user, { permissions: ['clipboard-read', 'clipboard-write'] }));
  const large = (name: string) => page.getByRole('dialog').getByRole('img', { name, exact: true });
  await keys.to(tile(page, 'four'));
  await keys.press('ArrowRight', 'ArrowRight', 'ArrowLeft');
  await keys.at(tile(page, 'three'));
  await keys.press('Enter');
  await large('three').waitFor();
  await keys.press('ArrowRight');
  await large('two').waitFor();
  await said(page, 'two, 3 of 4');
  await keys.use(button('Previous'));
  await large('three').waitFor();
  await keys.press('+', '0');
  await keys.use(button('Favourite'));
  await page.getByRole('button', { name: 'Favourite', pressed: true }).waitFor();
  const download = page.waitForEvent('download');
  await keys.use(button('Download'));
  expect((await download).suggestedFilename()).toMatch(/^three.*png$/);

  await keys.use(button('Share'));
  const share = page.getByRole('dialog', { name: 'Share' });
  await share.waitFor();
  await keys.use(share.getByRole('button', { name: 'Create the link' }));
  await keys.at(share.getByLabel('Public link'));
  await keys.use(share.getByRole('button', { name: 'Copy' }));
  await share.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await page.evaluate('navigator.clipboard.readText()')).toBe(
    await share.getByLabel('Public link').inputValue(),
  );
  await keys.press('Escape');
  await share.waitFor({ state: 'detached' });
  await keys.at(button('Shared: link and expiry'));
  await keys.press('Escape');
  await keys.at(tile(page, 'three'));

  await keys.press('Shift+ArrowRight');
  const toolbar = page.getByRole('toolbar', { name: 'Selection' });
  await said(page, '2 selected');
  const compare = toolbar.getByRole('button', { name: 'Compare two' });
  await keys.use(compare, 'Shift+Tab');
  const slider = page.getByRole('slider');
  await keys.to(slider);
  await keys.press('ArrowRight');
  await keys.press('Escape');
  await closed();
  await keys.at(compare);
  await keys.use(toolbar.getByRole('button', { name: 'Delete' }));
  await tile(page, 'two').waitFor({ state: 'detached' });
  await keys.press('F6');
  await keys.use(button('Undo'));
  await said(page, 'Brought back');
  await tile(page, 'two').waitFor();
  await tile(page, 'three').waitFor();
  await keys.to(page.getByRole('list', { name: 'Generations' }).locator('a[tabindex="0"]'));
  await keys.press('Home', 'Space', 'Delete');
  await tile(page, 'four').waitFor({ state: 'detached' });
  await keys.press('Control+z');
  await tile(page, 'four').waitFor();
  // Then an empty field has the focus.
  await keys.press('Home', 'Space');
  await keys.use(toolbar.getByRole('button', { name: 'Delete' }), 'Shift+Tab');
  await tile(page, 'four').waitFor({ state: 'detached' });
  await keys.press('Control+z');
  await tile(page, 'four').waitFor();
});

test('a workflow is imported and run, then its form is changed and saved', async () => {
  begin(await enterStudio(browser, app.url, { email: ADMIN_EMAIL }));
  const dialog = page.getByRole('dialog', { name: /^Import/ });
  const bringIn = async () => {
    await keys.use(button('Import'));
    await keys.to(dialog.getByRole('button', { name: 'Choose a file' }));
    const chooser = page.waitForEvent('filechooser');
    await page.keyboard.press('Enter');
    await (await chooser).setFiles({
      name: 'my-card.json',
      mimeType: 'application/json',
      buffer: Buffer.from(JSON.stringify(CARD)),
    });
    await said(page, 'Imported: my-card');
  };
  await bringIn();
  await created(page, 1, () => keys.use(dialog.getByRole('button', { name: 'Run once' })));
  await closed();
  await keys.at(button('Import'));

  await bringIn();
  await keys.use(dialog.getByRole('button', { name: 'Save …' }));
  await keys.at(title('New workflow'));
  const about = page.getByRole('region', { name: 'About' });
  await keys.to(about.getByLabel('Title'));
  await keys.replace('A card');
  await keys.use(button('Add an input'));
  await keys.at(page.getByLabel('Find a value'));
  await keys.type('width');
  await keys.use(button(/^EmptyImage · width/));
  await closed();
  await keys.at(button('Add an input'));
  await keys.use(button('Move Width up'));
  await keys.at(button('Move Width up'));
  await page.getByText('Width is now 1 of 2.').waitFor();
  await keys.to(page.getByLabel('Largest value'));
  await keys.type('256');
  await keys.use(button('Save'));
  await page.getByText('A card is saved as version 1.').first().waitFor();
  await keys.at(title('A card'));
  const saved = await find(admin, { name: 'a-card' });
  expect(saved.inputs).toMatchObject([{ name: 'width', max: 256 }, { name: 'seed' }]);
  await keys.use(button('Delete'));
  await keys.use(page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }));
  await keys.at(title('Workflows'));
});

test('an account changes its password, makes a key, and ends a session', async () => {
  const user = await owner(app);
  begin(await enterStudio(browser, app.url, { email: user.email }));
  await keys.use(room('Account'));
  await keys.use(link('Security'));
  await keys.use(button('End'));
  const ask = page.getByRole('alertdialog');
  await keys.use(ask.getByRole('button', { name: 'Cancel' }));
  await closed();
  await keys.at(button('End'));
  await keys.press('Enter');
  await keys.use(ask.getByRole('button', { name: 'End' }));
  await closed();
  await said(page, 'Done');
  await button('End').waitFor({ state: 'detached' });
  await keys.to(page.getByLabel('Current password'), 'Shift+Tab');
  await keys.type(PASSWORD);
  await keys.press('Tab');
  await keys.type('a better password');
  await keys.use(button('Change the password'));
  await page.getByText('The password is changed.').first().waitFor();
  await keys.at(button('Change the password'));

  await keys.use(link('Programs'), 'Shift+Tab');
  await keys.use(button('New API key'));
  const dialog = page.getByRole('dialog', { name: 'New API key' });
  await keys.to(dialog.getByRole('textbox', { name: 'Name' }));
  await keys.type('Backup');
  await keys.to(dialog.getByRole('radio', { name: 'In 90 days' }));
  await keys.press('ArrowDown', 'ArrowDown');
  await keys.use(dialog.getByRole('button', { name: 'Create' }));
  await keys.use(button('Done'));
  await closed();
  await keys.at(button('New API key'));
  await page.getByText('Never expires').waitFor();
  await keys.use(button('Delete Backup'));
  await keys.use(ask.getByRole('button', { name: 'Delete' }));
  await page.getByText('No API keys yet.').waitFor();
  await keys.at(button('New API key'));
});

test('an admin drains and resumes a ComfyUI, creates a user and disables it', async () => {
  const email = newEmail();
  begin(await enterStudio(browser, app.url, { email: ADMIN_EMAIL }));
  await keys.use(room('Admin'));
  const ask = page.getByRole('alertdialog');
  await keys.use(button('Drain'));
  await keys.use(ask.getByRole('button', { name: 'Drain' }));
  await closed();
  await keys.at(button('Resume'));
  await keys.press('Enter');
  await keys.use(ask.getByRole('button', { name: 'Resume' }));
  await closed();
  await keys.at(button('Drain'));

  await keys.use(button('New user'));
  const dialog = page.getByRole('dialog', { name: 'New user' });
  await keys.to(dialog.getByLabel('Email'));
  await keys.type(email);
  await keys.to(dialog.getByLabel('Password'));
  await keys.type(PASSWORD);
  await keys.press('Enter');
  await closed();
  await keys.at(button('New user'));
  await keys.use(button(`Manage ${email}`));
  await page.getByRole('menuitem', { name: 'Disable' }).waitFor();
  await keys.press('End');
  await keys.at(page.getByRole('menuitem', { name: 'Disable' }));
  await keys.press('Enter');
  await keys.use(ask.getByRole('button', { name: 'Disable' }));
  await closed();
  await keys.at(button(`Manage ${email}`));
});
