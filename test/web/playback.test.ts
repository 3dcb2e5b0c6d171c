/**
 * What browsers play and show of the files that ComfyUI writes: the owner's file by its URL, and its copy in the page of a public link. The
 * savers of ComfyUI 0.33.0 wrote the files in `played/`, each with its graph; the GIF and the Opus have the form of custom nodes.
 *
 * @slow: starts a browser.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { Browser, Page } from 'playwright-core';
import { bytesOf, savePng } from '../generations/outputs/support.js';
import { becomes, create, dataOf } from '../generations/support.js';
import { OPTIONS, open, share } from '../shares/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { launchBrowser } from '../support/browser.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';

const FOLDER = new URL('played/', import.meta.url);
const FILES = await readdir(FOLDER);

type Seen = { time: number; width: number; isReady: boolean; error: string | null };
/** Runs in the page. */
const PLAY = `for (const each of document.querySelectorAll('video, audio')) { each.muted = true; each.play().catch(() => undefined); }`;
const LOOK = `[...document.querySelectorAll('video, audio, .works img, body > img')].map((each) => ({
  time: each.currentTime ?? 0,
  width: each.videoWidth ?? each.naturalWidth ?? 0,
  isReady: each.complete ?? each.readyState >= 2,
  error: each.error?.message ?? null,
}))`;

let app: TestApp;
let browser: Browser;
let alice: Client;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(OPTIONS), launchBrowser()]);
  alice = await signUp(app.url);
});
afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Opens the page, and waits until its only film, sound or picture has arrived and plays. */
async function shownOn(url: string, isMoving: boolean): Promise<Seen> {
  const page: Page = await browser.newPage();
  const statuses = new Set<number>();
  page.on('response', (response) => {
    if (response.request().resourceType() === 'media') statuses.add(response.status());
  });
  await page.goto(app.url + url);
  await page.evaluate(PLAY);
  const seen = await until(async () => {
    const [only, ...others] = await page.evaluate<Seen[]>(LOOK);
    if (only?.error) throw new Error(only.error);
    return others.length === 0 && only?.isReady && (!isMoving || only.time > 0) && only;
  }, `${url} to be shown`);
  await page.close();
  if (isMoving) expect([...statuses]).toEqual([206]);
  return seen;
}

test.each(FILES)('%s plays or is shown, as it is and in a public link', async (name) => {
  const body = await readFile(new URL(name, FOLDER));
  app.simulator.at('output', { do: 'write', body });
  const { id } = await create(alice, { prompt: null, width: null, height: null, steps: null, graph: savePng() });
  await becomes(alice, id, 'COMPLETED');
  const { generation } = await dataOf(
    alice.ask('query ($id: ID!) { generation(id: $id) { result { images { url } files { url } } } }', { id }),
  );
  const [own] = [...generation.result.images, ...generation.result.files];
  const link = await share(alice, id);
  const shared = await open(clientOf(app.url), link.token);
  const [copy] = [...shared.images, ...shared.files];
  expect((await bytesOf(app, own.url)).equals(body)).toBe(true);
  expect(body.includes('class_type')).toBe(true);
  expect((await bytesOf(app, String(copy?.url))).includes('class_type')).toBe(false);

  const isMoving = shared.files.length > 0;
  const width = name.startsWith('sound') ? 0 : 64;
  expect((await shownOn(own.url, isMoving)).width).toBe(width);
  expect((await shownOn(link.url, isMoving)).width).toBe(width);
});
