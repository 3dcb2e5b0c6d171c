/**
 * GraphiQL in a real browser, on the real app.
 *
 * @slow: opens pages in a browser.
 */
import { readdir, readFile } from 'node:fs/promises';
import { buildClientSchema, getIntrospectionQuery, parse, validate } from 'graphql';
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { launchBrowser } from '../support/browser.js';
import { clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { type GraphiqlPage, openGraphiql } from './graphiql-page.js';
import { audit } from './studio/support.js';

const EXAMPLES = new URL('../../src/web/graphiql/examples/', import.meta.url);
/** Chromium logs every response with this status; a page cannot prevent it. */
const LISTED_401 = /status of 401/;

let browser: Browser;
let app: TestApp;
let visit: GraphiqlPage;

beforeAll(async () => {
  browser = await launchBrowser();
  app = await startTestApp({ simulator: { previews: false } });
});
afterEach(async () => {
  await visit?.close();
  visit = undefined as unknown as GraphiqlPage;
});
afterAll(async () => {
  await app.close();
  await browser.close();
});

/** Signs a new user in on the page. */
const arrive = async () => visit.remember(await signUp(app.url));
const create = async () => {
  await visit.tab('CreateGeneration');
  await visit.run();
  await visit.result('"createGeneration"');
};
const watch = async () => {
  await visit.tab('WatchGeneration');
  await visit.run('WatchGeneration');
};

test('a new user signs up, creates a generation, watches it and finds the picture, by pressing play in each tab', async () => {
  visit = await openGraphiql(browser, app.url);
  await visit.run('SignUp');
  await visit.result('"accessToken"');
  await create();
  await watch();
  const watched = await visit.result('"COMPLETED"');
  expect(watched).toContain('"width": 512');
  await until(() => visit.page.getByRole('button', { name: /^Execute/ }).isVisible(), 'the subscription to complete');

  await visit.tab('Gallery');
  await visit.run();
  const gallery = JSON.parse(await visit.result('"a beautiful landscape"'));
  expect(gallery.data.generations.totalCount).toBe(1);

  expect(visit.foreignUrls).toEqual([]);
  expect(visit.faults).toEqual([]);
});

test('hovering over the url of an image shows the whole picture', async () => {
  visit = await openGraphiql(browser, app.url);
  await arrive();
  await create();
  await watch();
  await visit.result('"COMPLETED"');
  await visit.page.locator('.result-window .view-line', { hasText: '/images/' }).getByText('/images/').first().hover();
  const picture = visit.page.locator('.monaco-hover:not(.hidden) img');
  await picture.waitFor();
  await until(() => visit.page.getByText('512x512 image/png').isVisible(), 'the picture to arrive');
  const box = await picture.boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThanOrEqual(800);
  expect(visit.faults).toEqual([]);
});

test('a subscription survives the expiry of its token', async () => {
  const short = await startTestApp({ env: { ACCESS_TOKEN_SECONDS: '2' } });
  const own = await openGraphiql(browser, short.url);
  try {
    await own.run('SignUp');
    await own.result('"accessToken"');
    short.simulator.hold();
    await own.tab('CreateGeneration');
    await own.run();
    await own.result('"createGeneration"');
    await own.tab('WatchGeneration');
    await own.run('WatchGeneration');
    await own.result('"generationUpdated"');
    await until(() => own.sockets() >= 3, 'the socket to be reopened twice');
    short.simulator.release();
    expect(await own.result('"COMPLETED"')).not.toContain('"errors"');
    expect(own.faults.filter((fault) => !LISTED_401.test(fault))).toEqual([]);
  } finally {
    await own.close();
    await short.close();
  }
});

test('a rejected token is refreshed silently, over HTTP and over WebSocket', async () => {
  visit = await openGraphiql(browser, app.url);
  await arrive();
  await create();
  const spoil = () => visit.remember({ token: 'none of yours' });
  await spoil();
  await watch();
  expect(await visit.result('"COMPLETED"')).not.toContain('"errors"');
  await spoil();
  await visit.tab('Gallery');
  await visit.run();
  expect(await visit.result('"totalCount"')).not.toContain('"errors"');
  expect(visit.faults.filter((fault) => !LISTED_401.test(fault))).toEqual([]);
});

test('after the session has ended, the page shows the error and signs out', async () => {
  visit = await openGraphiql(browser, app.url);
  await arrive();
  await visit.remember({ token: 'gone', refreshToken: 'gone' });
  await visit.tab('Gallery');
  await visit.run();
  await visit.result('UNAUTHENTICATED');
  await until(() => visit.page.evaluate<boolean>('sessionStorage.length === 0'), 'the tokens to be removed');
});

test('a credential in the Headers pane takes precedence over the stored token', async () => {
  visit = await openGraphiql(browser, app.url);
  await arrive();
  await visit.tab('WatchGeneration');
  await visit.writeHeaders('{ "Authorization": "Bearer nonsense" }');
  await visit.run('WatchAll');
  await visit.result('4401');
});

test('the page follows the dark color scheme', async () => {
  visit = await openGraphiql(browser, app.url);
  const background = ({ page }: GraphiqlPage) =>
    page
      .locator('.graphiql-container')
      .evaluate('getComputedStyle(document.querySelector(".graphiql-container")).backgroundColor');
  const dark = await openGraphiql(browser, app.url, { colorScheme: 'dark' });
  expect(await background(dark)).not.toBe(await background(visit));
  await dark.close();
});

test.each(['light', 'dark'] as const)(
  'the page is accessible in the %s theme, but for the buttons in its tabs',
  async (colorScheme) => {
    visit = await openGraphiql(browser, app.url, { colorScheme });
    const found = await audit(visit.page);
    expect(found.filter((violation) => !violation.startsWith('nested-interactive: <li'))).toEqual([]);
  },
);

test('every example is valid against the schema', async () => {
  const { data } = await clientOf(app.url).ask(getIntrospectionQuery());
  const schema = buildClientSchema(data);
  const names = await readdir(EXAMPLES);
  expect(names).toHaveLength(6);
  for (const name of names) {
    const document = parse(await readFile(new URL(name, EXAMPLES), 'utf8'));
    expect(validate(schema, document).map(({ message }) => `${name}: ${message}`)).toEqual([]);
  }
});
