/**
 * GraphiQL in a browser, published under a path.
 *
 * @slow: starts a browser.
 */
import type { Browser } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { launchBrowser } from '../support/browser.js';
import { type PathProxy, startPathProxy } from '../support/path-proxy.js';
import { openGraphiql } from './graphiql-page.js';

let app: TestApp;
let proxy: PathProxy;
let browser: Browser;
beforeAll(async () => {
  proxy = await startPathProxy(() => app.url, '/comfygraph', true);
  [app, browser] = await Promise.all([startTestApp({ env: { PUBLIC_URL: proxy.url } }), launchBrowser()]);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
  await proxy?.close();
});

test('a visitor signs up, creates a generation and watches it', async () => {
  const visit = await openGraphiql(browser, proxy.url);
  await visit.tab('SignUp');
  await visit.run('SignUp');
  await visit.result('accessToken');
  await visit.tab('CreateGeneration');
  await visit.run();
  await visit.result('"createGeneration"');
  await visit.tab('WatchGeneration');
  await visit.run('WatchGeneration');
  expect(await visit.result('COMPLETED')).toContain('/comfygraph/images/');
  expect(visit.faults).toEqual([]);
  await visit.close();
});
