/** PUBLIC_URL with a path: everything works as at the root, whether the proxy strips the path or passes it on. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, post, signUp } from '../../support/client.js';
import { answersOf, openStream } from '../../support/event-stream.js';
import { type PathProxy, startPathProxy } from '../../support/path-proxy.js';
import { openSocket } from '../../support/socket.js';
import { until } from '../../support/until.js';

const PATH = '/comfygraph';
const CREATE = 'mutation { createGeneration(input: { prompt: "x", width: 64, height: 64, steps: 1 }) { id } }';

describe.each<[name: string, isStripped: boolean]>([
  ['strips the path', true],
  ['passes the path on', false],
])('behind a proxy that %s', (_, isStripped) => {
  let app: TestApp;
  let proxy: PathProxy;
  let alice: Client;
  beforeAll(async () => {
    proxy = await startPathProxy(() => app.url, PATH, isStripped);
    app = await startTestApp({
      simulator: { stepMs: 20 },
      env: { PUBLIC_URL: `${proxy.url}/`, CORS_ORIGIN: 'https://a.example.com' },
    });
    alice = await signUp(proxy.url);
  });
  afterAll(async () => {
    await app?.close();
    await proxy?.close();
  });

  test('a generation is watched over WebSocket, and its image fetched at its URL', async () => {
    const { id } = (await alice.ask(CREATE)).data.createGeneration;
    const watching = alice.watch(
      `subscription { generationUpdated(id: "${id}") { status result { images { url saved: url(download: true) } } } }`,
    );
    let images: { url: string; saved: string }[] = [];
    for await (const { data } of watching) images = data.generationUpdated.result?.images ?? [];
    for (const path of Object.values(images[0] ?? {})) {
      expect(path.startsWith(`${PATH}/images/`)).toBe(true);
      const answer = await fetch(new URL(path, proxy.url));
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
    }
    expect(images).toHaveLength(1);
  });

  test('a preview is fetched at its URL', async () => {
    app.simulator.at('step', 'hold', { skip: 1 });
    const { id } = (await alice.ask(CREATE.replace('steps: 1', 'steps: 2'))).data.createGeneration;
    const url = await until(async () => {
      const { data } = await alice.ask(`{ generation(id: "${id}") { progress { previewUrl } } }`);
      return data.generation.progress?.previewUrl;
    }, 'a preview');
    expect((await fetch(new URL(url, proxy.url))).status).toBe(200);
    expect(url.startsWith(`${PATH}/previews/`)).toBe(true);
    app.simulator.release();
  });

  test('server-sent events are streamed', async () => {
    const query = `subscription { generationUpdated(id: "${(await alice.ask(CREATE)).data.createGeneration.id}") { status } }`;
    const statuses = [];
    const stream = await openStream(proxy.url, { query }, { token: String(alice.token) });
    for await (const { data } of answersOf(stream)) statuses.push(data.generationUpdated.status);
    expect(statuses.at(-1)).toBe('COMPLETED');
  });

  test.each([
    ['/', 'the studio', '/'],
    ['/graphiql', 'GraphiQL', '/graphiql'],
    ['/graphiql/', 'GraphiQL', '/graphiql'],
    ['/graphql', 'GraphiQL', '/graphiql'],
    ['/graphql/', 'GraphiQL', '/graphiql'],
  ])('%s is %s for a browser, and all assets of the page exist', async (path, _, place) => {
    const page = await fetch(proxy.url + path, { headers: { accept: 'text/html' } });
    expect([page.status, new URL(page.url).pathname.startsWith(`${PATH}${place}`)]).toEqual([200, true]);
    const named = [...(await page.text()).matchAll(/(?:src|href)="([^"]+)"/g)].map(([, address]) => String(address));
    expect(named.length).toBeGreaterThan(2);
    for (const address of named) expect((await fetch(new URL(address, page.url))).status).toBe(200);
  });

  test('the public origin may open sockets, even if the proxy changes the Host', async () => {
    const { origin } = new URL(proxy.url);
    await (await openSocket(app.url, { origin })).close();
    expect((await post(proxy.url, { query: '{ __typename }' }, undefined, { origin })).status).toBe(200);
  });
});

test('without PUBLIC_URL nothing is served under a path', async () => {
  const app = await startTestApp();
  expect((await fetch(`${app.url}${PATH}/healthz`)).status).toBe(404);
  await app.close();
});

test('a path that only starts like the path of PUBLIC_URL is not served', async () => {
  const app = await startTestApp({
    simulator: { stepMs: 20 },
    env: { PUBLIC_URL: `https://a.example.com${PATH}` },
  });
  expect((await fetch(`${app.url}${PATH}s/healthz`)).status).toBe(404);
  expect(await (await fetch(`${app.url}${PATH}?x=1`)).text()).toContain('id="studio"');
  await app.close();
});
