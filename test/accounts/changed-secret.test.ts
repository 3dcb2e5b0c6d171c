/** The secret is changed while people are signed in: with the old one named, nobody notices. */
import type { App } from '../../src/app.js';
import { startConfigured, startTestApp, type TestApp } from '../support/app.js';
import { type Client, post, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { claimsOf, forge, SECRET } from './forge.js';

const JWT_SECRET = 'w8Yt3nKp6Vb1Xc9Zr4Qm7Js2Hd5Lf0Ga';

let app: TestApp;
/** On the same database, with another secret: one knows what it was, the other does not. */
let knowing: App;
let ignorant: App;
let alice: Client & { refreshToken: string };
let pictureUrl: string;
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  alice = await signUp(app.url);
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  pictureUrl = await until(async () => {
    const found = await alice.ask(`{ generation(id: "${data.createGeneration.id}") { result { images { url } } } }`);
    return found.data.generation.result?.images[0].url;
  }, 'the picture is there');
  const env = { ...app.env, PORT: '0', JWT_SECRET };
  [knowing, ignorant] = await Promise.all([
    startConfigured({ ...env, JWT_SECRET_PREVIOUS: `b2Nf7Gh4Kx9Pq1Tz6Wc3Rv8My5Lj0SdE,${SECRET}` }),
    startConfigured(env),
  ]);
});
afterAll(async () => {
  await Promise.all([knowing?.close(), ignorant?.close()]);
  await app?.close();
});

const ME = { query: '{ viewer { id } }' };
const refresh = async ({ url }: App, token: string) =>
  (
    await post(url, {
      query: `mutation { refreshSession(refreshToken: "${token}") { accessToken refreshToken } }`,
    })
  ).json() as Promise<{ data: { refreshSession: { accessToken: string; refreshToken: string } | null } }>;

test('where the old one is not known, what it signed is worth nothing', async () => {
  expect((await post(ignorant.url, ME, alice.token)).status).toBe(401);
  expect((await refresh(ignorant, alice.refreshToken)).data.refreshSession).toBeNull();
  expect((await fetch(ignorant.url + pictureUrl)).status).toBe(404);
});

test('where it is, it is good still, and what is issued is signed by the new one', async () => {
  expect((await post(knowing.url, ME, alice.token)).status).toBe(200);
  expect((await fetch(knowing.url + pictureUrl)).status).toBe(200);
  const { data } = await refresh(knowing, alice.refreshToken);
  expect((await post(ignorant.url, ME, data.refreshSession?.accessToken)).status).toBe(200);
  expect((await refresh(ignorant, String(data.refreshSession?.refreshToken))).data.refreshSession).not.toBeNull();
});

test('a stranger is not believed because there are two', async () => {
  const forged = forge(claimsOf(String(alice.token)), { secret: 'b2Nf7Gh4Kx9Pq1Tz6Wc3Rv8My5Lj0SdX' });
  expect((await post(knowing.url, ME, forged)).status).toBe(401);
});
