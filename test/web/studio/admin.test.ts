/**
 * The admin's room: ComfyUI servers, their queue, and users.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { create, occupy, SMALL } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { enterStudio, newEmail, openRoom, PASSWORD, PHONE, violations, visitStudio } from './support.js';

let app: TestApp;
let browser: Browser;
let admin: Client;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterEach(() => app.simulator.heal());
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

async function enter(options: Parameters<typeof enterStudio>[2] = {}) {
  const visit = await enterStudio(browser, app.url, { email: ADMIN_EMAIL, ...options });
  await openRoom(visit.page, 'Admin');
  return visit;
}

/** Prompts that are expected to end at once would not wait. */
const LONG = { steps: 20 };

/** Presses a button, and then the one of the same name in the dialog that asks, with the keyboard alone. */
async function confirmByKeys(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).press('Enter');
  await page.getByRole('alertdialog').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('alertdialog').getByRole('button', { name }).press('Enter');
  await page.getByRole('alertdialog').waitFor({ state: 'detached' });
}

const signIn = (email: string, password: string) =>
  clientOf(app.url).ask(
    'mutation ($email: String!, $password: String!) { signIn(input: { email: $email, password: $password }) { accessToken } }',
    { email, password },
  );

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)('a ComfyUI is drained and resumed, in the %s theme on a %s', async (colorScheme, _, device) => {
  const visit = await enter({ ...device, colorScheme });
  const { page } = visit;
  await page.getByText('Online').waitFor();
  await page.getByText('0 running, 0 waiting in it').waitFor();
  expect(await violations(page)).toEqual([]);
  await confirmByKeys(page, 'Drain');
  await page.getByText('Draining').waitFor();
  expect((await admin.ask('{ backends { state } }')).data.backends).toEqual([{ state: 'DRAINING' }]);
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Resume' }).and(page.locator(':focus')).waitFor();
  await confirmByKeys(page, 'Resume');
  await page.getByText('Online').waitFor();
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

test('a ComfyUI that is offline shows that it is drained, and is resumed', async () => {
  await app.simulator.down();
  const visit = await enter();
  const list = visit.page.getByRole('list', { name: 'ComfyUI servers' });
  await list.getByText('Offline').waitFor();
  await confirmByKeys(visit.page, 'Drain');
  await list.getByText('Draining').waitFor();
  expect(await violations(visit.page)).toEqual([]);
  await confirmByKeys(visit.page, 'Resume');
  await list.getByText('Draining').waitFor({ state: 'detached' });
  await app.simulator.up();
  await list.getByText('Online').waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('the load of a ComfyUI changes while the page is shown', async () => {
  const visit = await enter();
  const list = visit.page.getByRole('list', { name: 'ComfyUI servers' });
  await list.getByText('0 running').waitFor();
  app.simulator.hold();
  await admin.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  await list.getByText('1 running').waitFor();
  app.simulator.release();
  await list.getByText('0 running').waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)(
  'whose generations wait and run is shown while it changes, in the %s theme on a %s',
  async (colorScheme, _, device) => {
    const alice = await signUp(app.url);
    const visit = await enter({ ...device, colorScheme });
    const { page } = visit;
    const rows = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
    await page.getByText('Nobody waits.').waitFor();
    app.simulator.hold();
    await occupy(app, admin, LONG);
    for (let nth = 0; nth < 2; nth += 1) await create(alice, LONG);
    await rows.filter({ hasText: alice.email }).getByText('2 waiting').waitFor();
    await rows.filter({ hasText: ADMIN_EMAIL }).getByText('2 in ComfyUI').waitFor();
    expect(await rows.count()).toBe(2);
    expect(await rows.first().innerText()).toMatch(/Waiting since .*\d\d:\d\d/);
    expect(await rows.last().innerText()).toContain('Nothing waiting');
    expect(await page.getByText(SMALL.prompt).count()).toBe(0);
    expect(await violations(page)).toEqual([]);
    app.simulator.release();
    await page.getByText('Nobody waits.').waitFor();
    expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
    await visit.close();
  },
);

test('the queue of many users shows the first, and all of them by a key', async () => {
  app.simulator.hold();
  const users = await Promise.all(Array.from({ length: 11 }, () => signUp(app.url)));
  for (const client of users) await create(client, LONG);
  const visit = await enter();
  const { page } = visit;
  const rows = page.getByRole('list', { name: 'Queue' }).getByRole('listitem');
  await rows.nth(7).waitFor();
  expect(await rows.count()).toBe(8);
  await page.getByRole('button', { name: 'Show all 11' }).press('Enter');
  await rows.nth(10).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Show fewer' }).and(page.locator(':focus')).press('Enter');
  await rows.nth(8).waitFor({ state: 'detached' });
  app.simulator.release();
  await page.getByText('Nobody waits.').waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('lists stay while the server does not respond, and the page says so', async () => {
  const visit = await enter();
  const { page } = visit;
  await page.getByText('Online').waitFor();
  await page.route('**/graphql', (route) => route.abort());
  await page.getByText('No response from the server.').first().waitFor();
  expect(await page.getByText('Online').count()).toBe(1);
  await page.getByText('Nobody waits.').waitFor();
  await page.unroute('**/graphql');
  await page.getByText('No response from the server.').first().waitFor({ state: 'detached' });
  await visit.close();
});

test('an admin creates a user, sets a password, changes the role, disables and enables', async () => {
  const email = newEmail();
  const visit = await enter();
  const { page } = visit;
  const row = page.getByRole('list', { name: 'Users' }).getByRole('listitem').filter({ hasText: email });
  const choose = async (act: string) => {
    await row.getByRole('button', { name: `Manage ${email}` }).press('Enter');
    await page.getByRole('menuitem', { name: act, exact: true }).press('Enter');
  };
  const confirm = async (action: string) => {
    await choose(action);
    await page.getByRole('alertdialog').getByRole('button', { name: action, exact: true }).click();
    await page.getByRole('alertdialog').waitFor({ state: 'detached' });
  };
  await page.getByRole('button', { name: 'New user' }).click();
  await page.getByLabel('Email', { exact: true }).and(page.locator(':focus')).fill(ADMIN_EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByText('This email has an account already.').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Email', { exact: true }).fill(email);
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await row.waitFor();

  await row.getByRole('button', { name: `Manage ${email}` }).click();
  await page.getByRole('menuitem', { name: 'Disable' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await choose('Set the password');
  await page.getByRole('textbox', { name: 'New password' }).fill('another password');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Set the password', exact: true }).click();
  await page.getByText(`The password of ${email} is set.`).waitFor();
  expect((await signIn(email, 'another password')).errors).toBeUndefined();

  await confirm('Make admin');
  await row.getByText('Admin', { exact: true }).waitFor();
  await row
    .getByRole('button', { name: `Manage ${email}` })
    .and(page.locator(':focus'))
    .waitFor();
  await confirm('Make user');
  await row.getByText('Admin', { exact: true }).waitFor({ state: 'detached' });
  await confirm('Disable');
  await row.getByText('Disabled').waitFor();
  expect((await signIn(email, 'another password')).errors?.[0]?.extensions.code).toBe('FORBIDDEN');
  await confirm('Enable');
  await row.getByText('Disabled').waitFor({ state: 'detached' });
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('the last admin stays one, and the page says why', async () => {
  const visit = await enter();
  const { page } = visit;
  await page.getByRole('button', { name: `Manage ${ADMIN_EMAIL}` }).click();
  await page.getByRole('menuitem', { name: 'Make user' }).click();
  await page.getByRole('button', { name: 'Make user' }).click();
  await page.getByText('This is the last admin.').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('users beyond the first page are shown when they are asked for', async () => {
  await Promise.all(
    Array.from({ length: 21 }, () =>
      admin.ask('mutation ($input: SignUpInput!) { createUser(input: $input) { id } }', {
        input: { email: newEmail(), password: PASSWORD },
      }),
    ),
  );
  const visit = await enter();
  const { page } = visit;
  const rows = page.getByRole('list', { name: 'Users' }).getByRole('button', { name: /^Manage/ });
  await page.getByRole('button', { name: 'Show more' }).press('Enter');
  const all = page.getByRole('list', { name: 'Users' }).getByRole('listitem');
  await all.nth(20).locator(':focus').waitFor();
  await rows.nth(20).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('other users have no link to the room, and nothing in it', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  await openRoom(page, 'Account');
  expect(await page.getByRole('link', { name: 'Admin' }).count()).toBe(0);
  await page.goto(`${app.url}/#/admin`);
  await page.getByText('Only admins see this.').waitFor();
  expect(await violations(page)).toEqual([]);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('GraphiQL has the mark of the studio, and a link back to it', async () => {
  const visit = await visitStudio(browser, app.url);
  const { page } = visit;
  await page.getByRole('link', { name: 'the API in GraphiQL' }).click();
  await page.getByRole('link', { name: 'ComfyGraph' }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
  expect(new URL(page.url()).pathname).toBe('/');
  await visit.close();
});

test('the page can be installed: its manifest names icons of the sizes that phones need', async () => {
  const answer = await fetch(`${app.url}/app/manifest.webmanifest`);
  const { icons, start_url } = (await answer.json()) as { icons: Record<string, string>[]; start_url: string };
  expect(new URL(start_url, answer.url).pathname).toBe('/');
  expect(icons.map(({ sizes, purpose }) => `${sizes} ${purpose}`)).toEqual([
    'any any',
    '192x192 any',
    '512x512 any',
    '512x512 maskable',
  ]);
  for (const { src = '', type } of icons) {
    const icon = await fetch(new URL(src, answer.url));
    expect([icon.status, icon.headers.get('content-type')]).toEqual([200, type]);
  }
});
