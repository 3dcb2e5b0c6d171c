/**
 * The signed-in user on the GraphiQL page, in all browser tabs, and what the page stores.
 *
 * @slow: loads the page of GraphiQL in a browser for each test.
 */
import type { Browser, Page } from 'playwright-core';
import { isAccepted } from '../accounts/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { launchBrowser } from '../support/browser.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { type GraphiqlPage, openGraphiql } from './graphiql-page.js';

const EMAIL = 'you@example.com';
const PASSWORD = 'a password of your own';

let browser: Browser;
let app: TestApp;
let visit: GraphiqlPage;
beforeAll(async () => {
  [browser, app] = await Promise.all([launchBrowser(), startTestApp()]);
});
beforeEach(async () => {
  visit = await openGraphiql(browser, app.url);
});
afterEach(async () => {
  await visit.close();
  // The next test signs up with the same address.
  await app.database.query('delete from users');
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

const signedIn = (page: Page) => page.getByText(`Signed in as ${EMAIL}`).waitFor();
const tokenOf = (page: Page) => page.evaluate<string>('sessionStorage.getItem("comfygraph:accessToken")');
const stored = (page: Page) => page.evaluate<string>('JSON.stringify(Object.entries(localStorage))');
const signUp = async () => {
  await visit.run('SignUp');
  await signedIn(visit.page);
  return await visit.result('"accessToken"');
};

test('passwords and tokens are neither shown in the response nor kept in local storage', async () => {
  const answer = await signUp();
  const secrets = [
    PASSWORD,
    await tokenOf(visit.page),
    await visit.page.evaluate<string>('sessionStorage.getItem("comfygraph:refreshToken")'),
  ];
  const text = await until(async () => {
    const text = await stored(visit.page);
    return text.includes('graphiql:queries') && text;
  }, 'the history is kept');
  expect(text).toContain(EMAIL);
  for (const secret of secrets) {
    expect(secret.length).toBeGreaterThan(10);
    for (const place of [answer, text]) expect(place).not.toContain(secret);
  }
});

test('secrets that an earlier visit left in local storage are removed', async () => {
  const tab = {
    id: '1',
    title: 'x',
    query: 'mutation ($p: String!) { changePassword(current: """old-secret""", new: $p) { accessToken } }',
    variables: '{ "p": "new-secret", "email": "kept@example.com" }',
    headers: '{ "authorization": "Bearer header-secret" }',
  };
  await visit.page.evaluate(
    `localStorage.setItem('graphiql:tabState', ${JSON.stringify(JSON.stringify({ tabs: [tab], activeTabIndex: 0 }))});
     localStorage.setItem('graphiql:favorites', ${JSON.stringify(JSON.stringify({ favorites: [tab] }))});
     localStorage.setItem('graphiql:headers', 'Bearer header-secret')`,
  );
  const next = await visit.page.context().newPage();
  await next.goto(`${app.url}/graphiql`);
  await next.locator('.graphiql-execute-button').waitFor();
  const text = await stored(next);
  expect(text).toContain('changePassword');
  expect(text).toContain('kept@example.com');
  expect(text).not.toMatch(/(old|new|header)-secret/);
});

test('a second tab is signed in too, and signing out in one tab ends the session of both', async () => {
  await signUp();
  const second = await visit.page.context().newPage();
  await second.goto(`${app.url}/graphiql`);
  await signedIn(second);
  const token = await tokenOf(second);
  expect(await isAccepted(app.url, token)).toBe(true);
  await second.getByRole('button', { name: 'Sign out' }).click();
  for (const page of [visit.page, second]) await page.getByText('Not signed in').waitFor();
  expect(await tokenOf(visit.page)).toBeNull();
  await until(async () => !(await isAccepted(app.url, token)), 'the session has ended');
  expect(visit.faults).toEqual([]);
});

test('the page says that pictures are simulated', async () => {
  await signUp();
  await visit.page.getByText('Pictures are simulated').waitFor();
});

test('the page says when the server is down and when it is back', async () => {
  const port = new URL(app.url).port;
  const first = await app.startAnother({ PORT: String(await freePort()) });
  const other = await openGraphiql(browser, first.url, { hasOwnClock: true });
  const { page } = other;
  const isDown = async () => {
    // Longer than the interval of the page's health checks.
    await page.clock.fastForward(6_000);
    return (await page.getByText('The server does not respond').count()) === 1;
  };
  try {
    expect(new URL(first.url).port).not.toBe(port);
    expect(await isDown()).toBe(false);
    await first.close();
    await until(isDown, 'the page to say that the server is down');
    const again = await app.startAnother({ PORT: new URL(first.url).port });
    await until(async () => !(await isDown()), 'the page to say that the server is back');
    await again.close();
  } finally {
    await other.close();
  }
});

test('on a phone of 390 pixels the editor is above the response, both full width, and nothing is cut off', async () => {
  await visit.page.setViewportSize({ width: 390, height: 780 });
  await signUp();
  const boxOf = async (selector: string) => {
    const box = await visit.page.locator(selector).boundingBox();
    if (!box) throw new Error(`There is no ${selector}`);
    return box;
  };
  const [editor, answer, play] = [
    await boxOf('.graphiql-query-editor'),
    await boxOf('.graphiql-response'),
    await boxOf('.graphiql-execute-button'),
  ];
  for (const { x, width } of [editor, answer]) {
    expect(width).toBeGreaterThan(340);
    expect(x + width).toBeLessThanOrEqual(390);
  }
  expect(answer.y).toBeGreaterThanOrEqual(editor.y + editor.height);
  expect(answer.height).toBeGreaterThan(150);
  expect(play.x + play.width).toBeLessThanOrEqual(390);
  expect(await visit.page.evaluate('document.documentElement.scrollWidth')).toBe(390);
});
