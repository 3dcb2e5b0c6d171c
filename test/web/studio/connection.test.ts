/**
 * The studio through interruptions: it says what is wrong, continues where it was, and shows nothing that is no longer true.
 *
 * @slow: starts a browser.
 */
import type { Browser, Page } from 'playwright-core';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { launchBrowser } from '../../support/browser.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { freePort } from '../../support/free-port.js';
import { Processes } from '../../support/process.js';
import { startTunnel, type Tunnel } from '../../support/tunnel.js';
import { until } from '../../support/until.js';
import type { Visit } from '../visit.js';
import { enterStudio, openRoom, PHONE, said, violations } from './support.js';

let app: TestApp;
let browser: Browser;
let tunnel: Tunnel;
beforeAll(async () => {
  [app, browser] = await Promise.all([startTestApp(), launchBrowser()]);
  tunnel = await startTunnel(app.url);
});
afterEach(() => {
  app.simulator.heal();
  tunnel.heal();
});
afterAll(async () => {
  tunnel?.close();
  await browser?.close();
  await app?.close();
});

/** The API, as the user of the page. */
const apiOf = async (page: Page): Promise<Client> =>
  clientOf(app.url, await page.evaluate<string>('localStorage.getItem("comfygraph:accessToken")'));
const create = async (client: Client, prompt: string): Promise<string> => {
  const { data } = await client.ask('mutation ($p: String!) { createGeneration(input: { prompt: $p }) { id } }', {
    p: prompt,
  });
  return data.createGeneration.id;
};
const remove = (client: Client, id: string) => client.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', { id });
const card = (page: Page, prompt: string) =>
  page
    .getByRole('region', { name: 'Now' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: prompt }) });
const done = (page: Page, prompt: string) => card(page, prompt).getByRole('button', { name: 'Favourite' }).waitFor();
const empty = (page: Page) => page.getByText('Your first picture appears here').waitFor();
/** What the browser itself writes about a cut connection is no fault of the page. */
const faultsOf = ({ faults }: Visit) => faults.filter((text) => !/ERR_|WebSocket connection|503/.test(text));

/** Lets the clock of the page run until `text` is shown. */
const hasten = (page: Page, text: string) =>
  until(async () => {
    await page.clock.fastForward(1_000);
    return (await page.getByText(text).count()) > 0;
  }, text);

test('after a cut the page says that it is offline, and then shows all that happened meanwhile', async () => {
  const visit = await enterStudio(browser, tunnel.url.replace(/\/$/, ''));
  const { page } = visit;
  const sent: string[] = [];
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  const api = await apiOf(page);
  await page.clock.install();
  app.simulator.hold();
  const gone = await create(api, 'deleted meanwhile');
  await create(api, 'done meanwhile');
  await app.simulator.held();
  await app.simulator.advance(8);
  await card(page, 'deleted meanwhile').getByRole('progressbar').waitFor();
  await card(page, 'done meanwhile').waitFor();

  tunnel.refuse();
  await hasten(page, 'The server does not respond.');
  await page.getByText('What you see may be old').waitFor();
  expect(await violations(page)).toEqual([]);
  await remove(api, gone);
  app.simulator.release();
  await create(api, 'created meanwhile');

  tunnel.heal();
  await until(async () => {
    await page.clock.fastForward(1_000);
    return (await page.getByText('What you see may be old').count()) === 0;
  }, 'the page is live again');
  await said(page, 'Connected again.');
  for (const prompt of ['done meanwhile', 'created meanwhile']) await done(page, prompt);
  await card(page, 'deleted meanwhile').waitFor({ state: 'detached' });
  expect(sent.filter((frame) => /"after":"/.test(frame)).length).toBeGreaterThan(0);
  expect(faultsOf(visit)).toEqual([]);
  await visit.close();
});

test('what could not be loaded without a network appears by itself when it is back', async () => {
  const visit = await enterStudio(browser, app.url, PHONE);
  const { page } = visit;
  const context = page.context();
  await context.setOffline(true);
  await openRoom(page, 'Workflows');
  await page.getByRole('alert').getByText('This part of the page appears when the connection is back').waitFor();
  expect(await violations(page)).toEqual([]);
  await context.setOffline(false);
  await page.getByRole('heading', { name: 'Workflows', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Text to image', exact: true }).waitFor();
  await context.setOffline(true);
  await page.evaluate('location.hash = "#/workflows/text-to-image"');
  await page.getByRole('alert').getByText('Your device has no network.').first().waitFor();
  await context.setOffline(false);
  await page.getByRole('heading', { name: 'Text to image', level: 1 }).waitFor();
  expect(await page.getByText('Your device has no network.').count()).toBe(0);
  expect(faultsOf(visit).filter((text) => !/dynamically imported|preload/.test(text))).toEqual([]);
  await visit.close();
});

test('while the server is away the page says what it cannot do and keeps what it has, and reads the rest by itself', async () => {
  const visit = await enterStudio(browser, tunnel.url.replace(/\/$/, ''));
  const { page } = visit;
  const prompt = page.getByRole('form').getByLabel('Prompt', { exact: true });
  await prompt.waitFor();
  app.simulator.hold();
  await create(await apiOf(page), 'kept');
  await card(page, 'kept').waitFor();
  await openRoom(page, 'Account');
  await page.getByRole('heading', { name: 'Storage' }).waitFor();
  await page.clock.install();
  tunnel.refuse();
  await hasten(page, 'What you see may be old');

  await openRoom(page, 'Create');
  // The first message of the page.
  await card(page, 'kept').getByRole('button', { name: 'Cancel' }).click();
  await page.getByRole('region', { name: 'Messages' }).getByText('The server does not respond.').waitFor();
  expect(await prompt.isVisible()).toBe(true);
  await openRoom(page, 'Account');
  await page.getByRole('link', { name: 'Security' }).click();
  await page.getByRole('region', { name: 'Sessions' }).getByRole('alert').waitFor();

  tunnel.heal();
  await hasten(page, 'This browser');
  expect(await page.getByRole('region', { name: 'Sessions' }).getByRole('alert').count()).toBe(0);

  tunnel.refuse();
  await hasten(page, 'What you see may be old');
  await openRoom(page, 'Workflows');
  await page.getByRole('heading', { name: 'This part of the page appears when the connection is back' }).waitFor();
  expect(await violations(page)).toEqual([]);
  tunnel.heal();
  await hasten(page, 'Built in');
  await visit.close();
});

test('the page survives a restart of the server in the middle of a generation', async () => {
  const first = await app.startAnother({ PORT: String(await freePort()) });
  const visit = await enterStudio(browser, first.url);
  const { page } = visit;
  const api = await apiOf(page);
  app.simulator.hold();
  await create(api, 'across the restart');
  await app.simulator.held();
  await app.simulator.advance(8);
  await card(page, 'across the restart').getByRole('progressbar').waitFor();
  await first.close();
  const again = await app.startAnother({ PORT: new URL(first.url).port });
  app.simulator.release();
  await done(page, 'across the restart');
  await page.getByText('What you see may be old').waitFor({ state: 'detached' });
  expect(faultsOf(visit)).toEqual([]);
  await visit.close();
  await again.close();
});

test('after the server was killed the page says so, comes back by itself, and shows the end of what it ran', async () => {
  const processes = new Processes();
  try {
    const env = { ...app.env, LOG_LEVEL: 'info', PORT: String(await freePort()) };
    const first = await processes.startServerProcess({ env });
    const visit = await enterStudio(browser, first.url);
    const { page } = visit;
    const api = await apiOf(page);
    app.simulator.hold();
    await create(api, 'across the death');
    await create(api, 'waiting meanwhile');
    await app.simulator.held();
    await app.simulator.advance(8);
    await card(page, 'across the death').getByRole('progressbar').waitFor();
    first.kill('SIGKILL');
    await first.ended;
    await page.getByText('The server does not respond.').waitFor();
    app.simulator.release();
    await processes.startServerProcess({ env });
    for (const prompt of ['across the death', 'waiting meanwhile']) await done(page, prompt);
    await page.getByText('What you see may be old').waitFor({ state: 'detached' });
    expect(faultsOf(visit)).toEqual([]);
    await visit.close();
  } finally {
    await processes.end();
  }
});

test('the page stays signed in and live while tokens expire each second, in two tabs', async () => {
  const brief = await app.startAnother({ ACCESS_TOKEN_SECONDS: '1' });
  const visit = await enterStudio(browser, brief.url);
  const { page } = visit;
  const second = await page.context().newPage();
  await second.goto(`${brief.url}/`);
  await empty(second);
  await until(() => visit.sockets() > 3, 'sockets with new tokens');
  await page.getByRole('button', { name: 'A lighthouse' }).click();
  for (const tab of [page, second]) await done(tab, 'A lighthouse');
  for (const tab of [page, second]) await tab.getByText('What you see may be old').waitFor({ state: 'detached' });
  // The browser writes each rejected request to the console.
  expect(visit.faults.filter((text) => !text.includes('401'))).toEqual([]);
  await visit.close();
  await brief.close();
});

test('a response that is older than live changes does not undo them', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  const gone = await create(api, 'deleted during the query');
  await done(page, 'deleted during the query');
  const old = Promise.withResolvers<void>();
  let held = 0;
  await page.route('**/graphql', async (route) => {
    if (!route.request().postData()?.includes('query Live(')) return route.fallback();
    const response = await route.fetch();
    held += 1;
    await old.promise;
    return route.fulfill({ response });
  });
  const received: string[] = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => received.push(String(payload))));
  await page.reload();
  await until(
    () => held >= 3 && received.some((frame) => frame.includes('__typename')),
    'old responses, and the stream',
  );
  await remove(api, gone);
  await create(api, 'created during the query');
  await until(
    () => received.some((frame) => /created during .*COMPLETED|COMPLETED.*created during/.test(frame)),
    'the end',
  );
  old.resolve();
  await done(page, 'created during the query');
  expect(await card(page, 'deleted during the query').count()).toBe(0);
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('signing out in another tab ends both, and the next user sees nothing of the first', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  const api = await apiOf(page);
  const other = await signUp(app.url);
  await create(api, 'a secret');
  await done(page, 'a secret');
  const second = await page.context().newPage();
  await second.goto(`${app.url}/`);
  await done(second, 'a secret');

  // As the page of another tab does when somebody else signs in there.
  await second.evaluate(
    `new BroadcastChannel('comfygraph').postMessage({ tokens: ${JSON.stringify({ accessToken: other.token, refreshToken: other.refreshToken })} })`,
  );
  for (const tab of [page, second]) await empty(tab);
  await create(other, 'of the next user');
  for (const tab of [page, second]) {
    await done(tab, 'of the next user');
    expect(await tab.getByText('a secret').count()).toBe(0);
  }
  await second.evaluate(`new BroadcastChannel('comfygraph').postMessage({ tokens: {} })`);
  for (const tab of [page, second]) await tab.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  expect(visit.faults).toEqual([]);
  await visit.close();
});

test('a revoked session ends with the welcome page', async () => {
  const visit = await enterStudio(browser, app.url);
  const api = await apiOf(visit.page);
  await api.ask('mutation { signOut(everywhere: true) }');
  await visit.page.getByRole('button', { name: 'Sign in', exact: true }).waitFor();
  await visit.close();
});

test('a proxy that blocks sockets is named as the reason', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  await page.routeWebSocket(/graphql/, (socket) => socket.close());
  await page.clock.install();
  await page.reload();
  await hasten(page, 'a proxy may block WebSockets');
  expect(await violations(page)).toEqual([]);
  await visit.close();
});

test('a room that cannot be loaded is said to have failed, and the others are there', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  await page.route('**/assets/history-room*.js', (route) => route.abort());
  await openRoom(page, 'History');
  await page.getByRole('alert').getByRole('heading', { name: 'This part of the page has failed' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await openRoom(page, 'Account');
  await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
  await page.goto(`${app.url}/#/nowhere`);
  await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await visit.close();
});

/** Whether a pointer reaches the middle of what has the focus, and of the button that creates. */
const reachable = (page: Page) =>
  page.evaluate<
    boolean[]
  >(`[document.activeElement, document.querySelector('form button[title="Ctrl+Enter"]')].map((element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    const found = document.elementFromPoint(x + width / 2, y + height / 2);
    return element.contains(found) || found?.contains(element) === true;
  })`);

test.each([
  ['light theme on a desktop', { colorScheme: 'light' }],
  ['dark theme on a phone', { ...PHONE, colorScheme: 'dark' }],
] as const)(
  'that the page is offline moves nothing, and covers neither the focus nor the button, in the %s',
  async (_, device) => {
    const visit = await enterStudio(browser, app.url, device);
    const { page } = visit;
    await page.routeWebSocket(/graphql/, (socket) => socket.close());
    await page.clock.install();
    await page.reload();
    const prompt = page.getByRole('form').getByLabel('Prompt', { exact: true });
    const fields = [page.getByRole('heading', { level: 1 }), prompt, page.getByRole('link', { name: 'Account' })];
    await empty(page);
    await page.getByText('Pictures are simulated').waitFor();
    await prompt.focus();
    const places = () => Promise.all(fields.map((field) => field.boundingBox()));
    const before = await places();
    await hasten(page, 'The server responds, but no live changes arrive');
    await page.getByText('What you see may be old').waitFor();
    expect(await places()).toEqual(before);
    expect(await reachable(page)).toEqual([true, true]);
    // The last field of the form that the keyboard reaches.
    await page.getByRole('button', { name: 'Reset to defaults' }).focus();
    expect(await reachable(page)).toEqual([true, true]);
    expect(await violations(page)).toEqual([]);
    await visit.close();
  },
);

test('the history shows what it has while the server does not respond, and reads the rest again', async () => {
  const visit = await enterStudio(browser, app.url);
  const { page } = visit;
  await create(await apiOf(page), 'seen before');
  await done(page, 'seen before');
  await openRoom(page, 'History');
  const tile = page.getByRole('link', { name: /^seen before/ });
  const favorites = page.getByRole('button', { name: 'Only favourites' });
  await tile.waitFor();
  await favorites.click();
  await page.getByRole('heading', { name: 'Nothing matches' }).waitFor();
  await page.route('**/graphql', (route) => route.abort());
  await favorites.click();
  await tile.click();
  const viewer = page.getByRole('dialog');
  await viewer.getByRole('alert').getByText('No response from the server').waitFor();
  await viewer.getByRole('img', { name: 'seen before' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.unroute('**/graphql');
  await viewer.getByRole('button', { name: 'Load it again' }).click();
  await viewer.getByRole('button', { name: 'Use these settings' }).waitFor();
  expect(faultsOf(visit)).toEqual([]);
  await visit.close();
});

test('that no ComfyUI is online is said, and why to an admin', async () => {
  await signUp(app.url, ADMIN_EMAIL);
  await app.simulator.down();
  const visit = await enterStudio(browser, app.url, { email: ADMIN_EMAIL });
  const { page } = visit;
  await page.clock.install();
  await page.reload();
  await hasten(page, 'No ComfyUI is online.');
  await page.getByText(/^comfyui-1: ./).waitFor();
  expect(await violations(page)).toEqual([]);
  await app.simulator.up();
  expect(visit.faults).toEqual([]);
  await visit.close();
});
