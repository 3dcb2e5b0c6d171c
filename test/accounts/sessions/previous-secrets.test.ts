/** JWT_SECRET changes while users are signed in: JWT_SECRET_PREVIOUS keeps their tokens and URLs valid. */
import type { App } from '../../../src/app.js';
import { startConfigured, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, post, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { claimsOf, forge, SECRET } from '../forge.js';

const JWT_SECRET = 'w8Yt3nKp6Vb1Xc9Zr4Qm7Js2Hd5Lf0Ga';

let app: TestApp;
/** On the same database with a new secret: one server has the previous secret, the other does not. */
let withPrevious: App;
let withoutPrevious: App;
let alice: Client & { refreshToken: string };
let pictureUrl: string;
beforeAll(async () => {
  app = await startTestApp({ env: { JWT_SECRET: SECRET } });
  alice = await signUp(app.url);
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  pictureUrl = await until(async () => {
    const found = await alice.ask(`{ generation(id: "${data.createGeneration.id}") { result { images { url } } } }`);
    return found.data.generation.result?.images[0].url;
  }, 'the picture');
  const env = { ...app.env, PORT: '0', JWT_SECRET };
  [withPrevious, withoutPrevious] = await Promise.all([
    startConfigured({ ...env, JWT_SECRET_PREVIOUS: `b2Nf7Gh4Kx9Pq1Tz6Wc3Rv8My5Lj0SdE,${SECRET}` }),
    startConfigured(env),
  ]);
});
afterAll(async () => {
  await Promise.all([withPrevious?.close(), withoutPrevious?.close()]);
  await app?.close();
});

const ME = { query: '{ viewer { id } }' };
const refresh = async ({ url }: App, token: string) =>
  (
    await post(url, {
      query: `mutation { refreshSession(refreshToken: "${token}") { accessToken refreshToken } }`,
    })
  ).json() as Promise<{ data: { refreshSession: { accessToken: string; refreshToken: string } | null } }>;

test('a server without the previous secret rejects its tokens and URLs', async () => {
  expect((await post(withoutPrevious.url, ME, alice.token)).status).toBe(401);
  expect((await refresh(withoutPrevious, alice.refreshToken)).data.refreshSession).toBeNull();
  expect((await fetch(withoutPrevious.url + pictureUrl)).status).toBe(404);
});

test('a server with the previous secret accepts its tokens and URLs, and signs with the new secret', async () => {
  expect((await post(withPrevious.url, ME, alice.token)).status).toBe(200);
  expect((await fetch(withPrevious.url + pictureUrl)).status).toBe(200);
  const { data } = await refresh(withPrevious, alice.refreshToken);
  expect((await post(withoutPrevious.url, ME, data.refreshSession?.accessToken)).status).toBe(200);
  expect(
    (await refresh(withoutPrevious, String(data.refreshSession?.refreshToken))).data.refreshSession,
  ).not.toBeNull();
});

test('a token signed with a third secret is rejected', async () => {
  const forged = forge(claimsOf(String(alice.token)), { secret: 'b2Nf7Gh4Kx9Pq1Tz6Wc3Rv8My5Lj0SdX' });
  expect((await post(withPrevious.url, ME, forged)).status).toBe(401);
});
