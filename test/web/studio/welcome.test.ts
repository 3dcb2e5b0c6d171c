/**
 * The first visit to the studio: signing up, in and out.
 *
 * @slow: starts a browser.
 */
import { gzipSync } from 'node:zlib';
import type { Browser, Page, Response } from 'playwright-core';
import { startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { until } from '../../support/until.js';
import { enterStudio, newEmail, PASSWORD, PHONE, violations, visitStudio } from './support.js';

let app: TestApp;
let browser: Browser;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test.each([
  ['light', 'desktop', {}],
  ['dark', 'phone', PHONE],
] as const)('a visitor signs up without scrolling, in the %s theme on a %s', async (colorScheme, _, device) => {
  const visit = await visitStudio(browser, app.url, { ...device, colorScheme });
  const { page } = visit;
  await page.getByRole('heading', { level: 1 }).waitFor();
  const button = page.getByRole('button', { name: 'Create an account', exact: true });
  const { y, height } = (await button.boundingBox()) ?? { y: Infinity, height: 0 };
  expect(y + height).toBeLessThanOrEqual(page.viewportSize()?.height ?? 0);
  expect(await page.getByRole('list').isVisible()).toBe(true);
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Email').fill(newEmail());
  await page.getByLabel('Password').fill(PASSWORD);
  await button.click();
  // The welcome has such a heading, too.
  await page.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
  expect(await violations(page)).toEqual([]);
  expect([visit.faults, visit.foreignUrls]).toEqual([[], []]);
  await visit.close();
});

test('a wrong password is explained, and nothing is lost', async () => {
  const email = newEmail();
  await (await enterStudio(browser, app.url)).close();
  const visit = await visitStudio(browser, app.url);
  const { page } = visit;
  await page.getByRole('button', { name: 'Have an account? Sign in' }).click();
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill('wrong password');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  expect(await page.getByRole('alert').textContent()).toBe('The email or the password is wrong.');
  expect(await page.getByLabel('Email').inputValue()).toBe(email);
  expect(await violations(page)).toEqual([]);
  await visit.close();
});

test('a user who stays signed in is signed in after the browser tab was closed', async () => {
  const visit = await enterStudio(browser, app.url);
  const again = await visit.page.context().newPage();
  await visit.page.close();
  await again.goto(`${app.url}/`);
  await again.getByRole('navigation', { name: 'Rooms' }).waitFor();
  await visit.close();
});

test('a German browser has a German page', async () => {
  const visit = await visitStudio(browser, app.url, { locale: 'de-AT' });
  await visit.page.getByRole('button', { name: 'Konto anlegen', exact: true }).waitFor();
  expect(await visit.page.evaluate('document.documentElement.lang')).toBe('de');
  const password = visit.page.getByLabel('Passwort');
  await password.fill('ein langes Wort');
  await visit.page.getByRole('button', { name: 'Zeigen' }).click();
  expect(await password.getAttribute('type')).toBe('text');
  await visit.close();
});

/** What reaches beyond the screen, or is cut off where it says nothing of more. */
const CUT = `(() => {
  const page = document.documentElement;
  const inputs = [...document.querySelectorAll('input[placeholder]')].filter((input) => input.scrollWidth > input.clientWidth);
  const links = [...document.querySelectorAll('nav a')].filter((link) => link.scrollWidth > link.clientWidth);
  return [...(page.scrollWidth > page.clientWidth ? [page] : []), ...inputs, ...links].map(({ outerHTML }) => outerHTML.slice(0, 200));
})()`;

const WIDTH_WITH_LARGE_TEXT = `(() => {
  const { style } = document.documentElement;
  style.fontSize = '28px';
  const { scrollWidth } = document.documentElement;
  style.fontSize = '';
  return scrollWidth;
})()`;

test('each room fits a small phone in German, also with large text', async () => {
  const visit = await visitStudio(browser, app.url, {
    ...PHONE,
    viewport: { width: 360, height: 640 },
    locale: 'de-DE',
  });
  const { page } = visit;
  expect(await page.evaluate(CUT)).toEqual([]);
  await page.getByLabel('E-Mail').fill(newEmail());
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Konto anlegen', exact: true }).click();
  const rooms = page.getByRole('navigation', { name: 'Räume' });
  const top = () => page.evaluate<number>('scrollY');
  await page.getByRole('form').waitFor();
  await page.evaluate('scrollTo(0, 200)');
  await until(async () => (await top()) === 200, 'the form is scrolled');
  // A tap by the test would scroll.
  await rooms.getByRole('link', { name: 'Konto' }).evaluate((link: { click(): void }) => link.click());
  await page.getByRole('heading', { name: 'Konto', level: 1 }).waitFor();
  await until(async () => (await top()) === 0, 'another room begins at its top');
  await page.goBack();
  await until(async () => (await top()) === 200, 'the form is where it was');
  await rooms.getByRole('link', { name: 'Erstellen' }).evaluate((link: { click(): void }) => link.click());
  await until(async () => (await top()) === 0, 'the link of the shown room leads to its top');
  for (const name of ['Erstellen', 'Verlauf', 'Workflows', 'Konto']) {
    await rooms.getByRole('link', { name }).tap();
    await page.getByRole('heading', { name, level: 1 }).waitFor();
    expect([name, await page.evaluate(CUT)]).toEqual([name, []]);
    expect([name, await page.evaluate(WIDTH_WITH_LARGE_TEXT)]).toEqual([name, 360]);
  }
  await page.goto(`${app.url}/#/nope`);
  await page.getByRole('heading', { name: 'Diese Seite gibt es nicht' }).waitFor();
  await page.getByRole('link', { name: 'Zum Erstellen' }).tap();
  await page.getByRole('heading', { name: 'Erstellen', level: 1 }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

/** Opens the page anew. @returns the bytes of its own files as the server sends them */
async function loadedBytes(page: Page): Promise<number> {
  const loads: Promise<number>[] = [];
  const add = (response: Response) => {
    if (!/^\/(assets\/|app\/|$)/.test(new URL(response.url()).pathname)) return;
    const isCompressed = response.headers()['content-encoding'] === 'gzip';
    loads.push(response.body().then((body) => (isCompressed ? gzipSync(body, { level: 6 }) : body).length));
  };
  page.on('response', add);
  await page.reload({ waitUntil: 'networkidle' });
  page.off('response', add);
  return (await Promise.all(loads)).reduce((sum, bytes) => sum + bytes, 0);
}

test('the first visit loads less than 150 kB, and the form not much more', async () => {
  const visit = await visitStudio(browser, app.url);
  const { page } = visit;
  await page.getByLabel('Email').waitFor();
  const welcome = await loadedBytes(page);
  expect(welcome).toBeLessThan(115_000);
  await page.getByLabel('Email').fill(newEmail());
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create an account', exact: true }).click();
  await page.getByRole('form').getByLabel('Prompt', { exact: true }).waitFor();
  const form = await loadedBytes(page);
  expect(form).toBeGreaterThan(welcome);
  expect(form).toBeLessThan(220_000);
  await visit.close();
});
