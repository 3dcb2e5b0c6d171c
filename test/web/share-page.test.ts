/**
 * The page of a public link in a browser.
 *
 * @slow: starts a browser.
 */
import type { Browser } from 'playwright-core';
import { everything, OPTIONS, share } from '../shares/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { launchBrowser } from '../support/browser.js';
import { type Client, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { violations } from './studio/support.js';

const VIEWPORTS = [
  ['phone', { width: 320, height: 640 }],
  ['desktop', { width: 1440, height: 900 }],
] as const;

type Seen = {
  /** Whether each has arrived. */
  pictures: boolean[];
  players: boolean[];
  isTooWide: boolean;
  ground: string;
  heading: string;
  scripts: number;
};
/** Runs in the page. */
const LOOK = `({
  pictures: [...document.querySelectorAll('figure img')].map(({ complete, naturalWidth }) => complete && naturalWidth > 0),
  players: [...document.querySelectorAll('video, audio')].map(({ readyState }) => readyState > 0),
  isTooWide: document.documentElement.scrollWidth > innerWidth,
  ground: getComputedStyle(document.body).backgroundColor,
  heading: document.querySelector('h1').textContent,
  scripts: document.scripts.length,
})`;

let app: TestApp;
let browser: Browser;
let alice: Client;
let url: string;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(OPTIONS), launchBrowser()]);
  alice = await signUp(app.url);
  ({ url } = await share(alice, await everything(alice)));
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

test.each(VIEWPORTS)(
  'on a %s it shows the pictures and plays the film and the sound, without scripts',
  async (_, viewport) => {
    for (const colorScheme of ['light', 'dark'] as const) {
      const context = await browser.newContext({ viewport, colorScheme });
      const page = await context.newPage();
      const faults: string[] = [];
      page.on('console', (message) => faults.push(message.text()));
      page.on('request', (request) => {
        if (!/^data:/.test(request.url()) && !request.url().startsWith(app.url + url)) faults.push(request.url());
      });
      await page.goto(app.url + url);
      const seen = await until(async () => {
        const seen = await page.evaluate<Seen>(LOOK);
        return [...seen.pictures, ...seen.players].every((isReady) => isReady) && seen;
      }, 'the pictures, the film and the sound to load');
      expect(seen).toEqual({
        pictures: [true, true],
        players: [true, true],
        isTooWide: false,
        ground: colorScheme === 'dark' ? 'rgb(19, 17, 25)' : 'rgb(247, 246, 251)',
        heading: 'A shared picture',
        scripts: 0,
      });
      expect(faults).toEqual([]);
      if (colorScheme === 'light') expect(await violations(page)).toEqual([]);
      // A picture alone, in the browser's own page for it.
      const picture = await page.locator('figure img').first().getAttribute('src');
      await page.goto(new URL(picture ?? '', app.url).href);
      expect(faults).toEqual([]);
      await context.close();
    }
  },
);

test('a download is saved under the name of the file', async () => {
  const page = await browser.newPage();
  await page.goto(app.url + url);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page
      .getByRole('link', { name: /^Download shared-\w+\.png$/ })
      .first()
      .click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^shared-[0-9a-f]{6}\.png$/);
  expect(await download.failure()).toBeNull();
  await page.close();
});
