/**
 * The account: profile, security, access for programs.
 *
 * @slow: starts a browser.
 */
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { clientOf, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { enterStudio, newEmail, openRoom, PASSWORD, PHONE, violations } from './support.js';

let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  [app, browser] = await Promise.all([
    // Webhooks are sent again by the user only.
    startTestApp({ env: { WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' }, timings: { deliveryRetryDelayMs: 600_000 } }),
    launchBrowser(),
  ]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Opens a part of the account of a new user. */
async function enter(part: 'You' | 'Security' | 'Programs', options: Parameters<typeof enterStudio>[2] = {}) {
  const visit = await enterStudio(browser, app.url, options);
  await openRoom(visit.page, 'Account');
  await visit.page.getByRole('navigation', { name: 'Parts' }).getByRole('link', { name: part }).click();
  return visit;
}

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)('all parts of the account are accessible, in the %s theme on a %s', async (colorScheme, _, device) => {
  const visit = await enter('You', { ...device, colorScheme });
  const { page } = visit;
  await page.getByText('Everything is kept until you delete it.').waitFor();
  expect(await violations(page)).toEqual([]);

  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByText('This browser').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Delete the account' }).click();
  await page.getByRole('alertdialog').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.keyboard.press('Escape');

  await page.getByRole('link', { name: 'Programs' }).click();
  await page.getByText('No webhooks yet.').waitFor();
  expect(await violations(page)).toEqual([]);
  for (const name of ['New API key', 'New webhook']) {
    await page.getByRole('button', { name }).click();
    await page.getByRole('dialog', { name }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Cancel' }).click();
  }
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

test('the appearance and the language change at once, and stay', async () => {
  const visit = await enter('You');
  const { page } = visit;
  await page.getByLabel('Dark').check();
  expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  await page.getByLabel('Deutsch').click();
  await page.getByRole('heading', { level: 1, name: 'Konto' }).waitFor();
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Konto' }).waitFor();
  expect(await page.getByLabel('Dunkel').isChecked()).toBe(true);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a new API key is shown once and works, without a clipboard of the browser, until it is deleted', async () => {
  const visit = await enter('Programs');
  const { page } = visit;
  // As over plain http.
  await page.addInitScript('delete Navigator.prototype.clipboard');
  await page.reload();
  await page.getByRole('button', { name: 'New API key' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Backup');
  await page.mouse.click(5, 5);
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep it' }).click();
  await page.getByLabel('Never').check();
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  const secret = await page.getByRole('textbox', { name: 'API key' }).inputValue();
  // Nothing but its button closes what is shown only once.
  await page.mouse.click(5, 5);
  await page.keyboard.press('Escape');
  await page.goBack();
  await page.getByRole('button', { name: 'Copy' }).click();
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Done' }).click();

  const program = clientOf(app.url, secret);
  expect((await program.ask('{ viewer { id } }')).data.viewer).not.toBeNull();
  await page.getByText('Never expires').waitFor();
  await page.getByRole('button', { name: 'Delete Backup' }).click();
  await page.getByRole('alertdialog').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('alertdialog').getByRole('button', { name: 'Delete', exact: true }).click();
  await page.getByText('No API keys yet.').waitFor();
  expect((await program.ask('{ viewer { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a changed password ends the other sessions, and not this one', async () => {
  const other = await signUp(app.url, newEmail());
  const visit = await enter('Security', { email: other.email });
  const { page } = visit;
  const change = async (current: string) => {
    await page.getByLabel('Current password').fill(current);
    await page.getByLabel('New password').fill('a better password');
    await page.getByRole('button', { name: 'Change the password' }).click();
  };
  await page.getByRole('button', { name: 'End' }).waitFor();
  await change('wrong password');
  await page.getByText('This is not your password.').waitFor();
  expect(await violations(page)).toEqual([]);
  await change(PASSWORD);
  await page.getByText('The password is changed.').waitFor();
  await page.getByRole('button', { name: 'End' }).waitFor({ state: 'detached' });
  expect((await other.ask('{ viewer { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  await openRoom(page, 'Workflows');
  await page.getByRole('heading', { level: 1, name: 'Workflows' }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a session that is ended elsewhere signs its browser out', async () => {
  const email = newEmail();
  await signUp(app.url, email);
  const [other, visit] = await Promise.all([enter('You', { email }), enter('You', { email })]);
  await visit.page.getByRole('link', { name: 'Security' }).click();
  await visit.page.getByText('This browser').waitFor();
  const rows = visit.page.getByRole('list', { name: 'Sessions' }).getByRole('listitem').filter({ hasText: 'Chrome' });
  await rows.getByRole('button', { name: 'End' }).click();
  await visit.page.getByRole('alertdialog').waitFor();
  expect(await violations(visit.page)).toEqual([]);
  await visit.page.getByRole('alertdialog').getByRole('button', { name: 'End' }).click();
  await other.page.getByRole('heading', { level: 2, name: 'Sign in' }).waitFor();
  await other.page.getByText('Your session has ended').waitFor();
  await visit.page.getByRole('link', { name: 'You' }).click();
  await visit.page.getByRole('button', { name: 'Sign out everywhere' }).click();
  await visit.page.getByRole('alertdialog').waitFor();
  expect(await violations(visit.page)).toEqual([]);
  await visit.page.keyboard.press('Escape');
  await visit.page.getByRole('alertdialog').waitFor({ state: 'detached' });
  await visit.page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await visit.page.getByRole('heading', { level: 2, name: 'Sign in' }).waitFor();
  expect(visit.faults).toEqual([]);
  await Promise.all([other.close(), visit.close()]);
});

test('a webhook shows its deliveries, and sends one again', async () => {
  const visit = await enter('Programs');
  const { page } = visit;
  await page.getByRole('button', { name: 'New webhook' }).click();
  await page.getByLabel('URL').fill('https://10.0.0.1/hook');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  await page.getByRole('alert').filter({ hasText: 'no public address' }).waitFor();
  expect(await page.getByLabel('URL').getAttribute('aria-invalid')).toBe('true');
  expect(await violations(page)).toEqual([]);
  // A port without a server.
  await page.getByLabel('URL').fill('https://127.0.0.1:9/hook');
  await page.getByRole('button', { name: 'Create', exact: true }).click();
  expect(await page.getByRole('textbox', { name: 'Secret' }).inputValue()).toMatch(/^whsec_/);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Deliveries' }).click();
  await page.getByText('Nothing was sent yet.').waitFor();

  const token = await page.evaluate("localStorage.getItem('comfygraph:accessToken')");
  await clientOf(app.url, String(token)).ask('mutation { createGeneration(input: { prompt: "a hook" }) { id } }');
  await page.getByText('One attempt').waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Send again' }).click();
  await page.getByText('2 attempts').waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('an account is deleted after its email is typed, by keyboard alone', async () => {
  const email = newEmail();
  const { ask } = await signUp(app.url, email);
  const visit = await enter('Security', { email });
  const { page } = visit;
  await page.getByRole('button', { name: 'Delete the account' }).focus();
  await page.keyboard.press('Enter');
  const last = page.getByRole('button', { name: 'Delete everything' });
  await page.keyboard.type(email);
  await until(() => last.isEnabled(), 'the button is enabled');
  await page.keyboard.press('Tab');
  await page.keyboard.type('wrong password');
  await page.keyboard.press('Enter');
  await page.getByText('This is not your password.').waitFor();
  await page.getByLabel('Your password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await page.getByText('The account is deleted.').waitFor();
  await page.getByRole('heading', { level: 2, name: 'Sign in' }).waitFor();
  expect((await ask('{ viewer { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
  expect(visit.faults).toEqual([]);
  await visit.close();
});
