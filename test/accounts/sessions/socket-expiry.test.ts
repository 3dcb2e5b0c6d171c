/**
 * A socket closes when its access token expires; the client reconnects with a new token.
 *
 * @slow: waits until credentials expire.
 */

import { startTestApp, type TestApp } from '../../support/app.js';
import { clientOf, post, signUp } from '../../support/client.js';
import { connect } from '../../support/socket.js';
import { until } from '../../support/until.js';

const ACCESS_TOKEN_SECONDS = 2;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ env: { ACCESS_TOKEN_SECONDS: String(ACCESS_TOKEN_SECONDS) } });
});
afterAll(() => app?.close());

test('a socket closes with 4403 when its token expires, with or without a subscription', async () => {
  app.simulator.hold();
  const { alice, idle, watching } = await until(() => watch().catch(() => undefined), 'a token to outlive two sockets');
  for (const socket of [idle, watching])
    expect(await socket.closed).toEqual({ code: 4403, reason: 'The token has expired' });
  // The access token is rejected from now on, the refresh token is still valid.
  expect((await post(app.url, { query: '{ models { name } }' }, alice.token)).status).toBe(401);
  const { errors } = await clientOf(app.url, alice.token).ask(
    `mutation { refreshSession(refreshToken: "${alice.refreshToken}") { accessToken } }`,
  );
  expect(errors).toBeUndefined();
});

/** Opens a socket, and another one with a subscription. Rejects if the token expires before. */
async function watch() {
  const alice = await signUp(app.url);
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  const [idle, watching] = await Promise.all([connect(app.url, alice.token), connect(app.url, alice.token)]);
  watching.send({
    id: '1',
    type: 'subscribe',
    payload: { query: `subscription { generationUpdated(id: "${data.createGeneration.id}") { status } }` },
  });
  expect((await watching.next()).type).toBe('next');
  return { alice, idle, watching };
}

test('an anonymous socket stays open', async () => {
  const anonymous = await connect(app.url);
  const alice = await until(
    async () => connect(app.url, (await signUp(app.url)).token).catch(() => undefined),
    'a token to outlive the opening of its socket',
  );
  await alice.closed;
  anonymous.send({ id: '1', type: 'subscribe', payload: { query: '{ viewer { id } }' } });
  expect((await anonymous.next()).payload).toEqual({ data: { viewer: null } });
  await anonymous.close();
});
