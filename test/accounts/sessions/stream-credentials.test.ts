/**
 * An event stream needs a valid credential, and ends with it.
 *
 * @slow: waits until credentials expire.
 */
import { createClient } from 'graphql-sse';
import pg from 'pg';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { eventsOf, openStream, type ServerSentEvent } from '../../support/event-stream.js';
import { until } from '../../support/until.js';
import { SECRET } from '../forge.js';

const ACCESS_TOKEN_SECONDS = 2;
const WATCH_ALL = 'subscription { generationsUpdated { kind } }';

/** Its access tokens are long-lived. */
let app: TestApp;
/** Its access tokens expire after two seconds. */
let expiring: TestApp;
beforeAll(async () => {
  [app, expiring] = await Promise.all([
    startTestApp({ env: { JWT_SECRET: SECRET } }),
    startTestApp({ env: { ACCESS_TOKEN_SECONDS: String(ACCESS_TOKEN_SECONDS) } }),
  ]);
  expiring.simulator.hold();
});
afterAll(() => Promise.all([app?.close(), expiring?.close()]));

const endSessionsOf = async (userId: string) => {
  const database = new pg.Client({ connectionString: app.database.url });
  await database.connect();
  await database.query('delete from sessions where user_id = $1', [userId]);
  await database.end();
};
const all = async (response: Response): Promise<ServerSentEvent[]> => {
  const events = [];
  for await (const event of eventsOf(response)) events.push(event);
  return events;
};

test('an invalid credential is HTTP 401, unless the operation needs none', async () => {
  const token = 'not.a.token';
  const refused = await openStream(app.url, { query: WATCH_ALL }, { token });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const answered = await openStream(app.url, { query: '{ __typename }' }, { token });
  expect((await all(answered)).at(-1)).toEqual({ event: 'complete', data: '' });
});

test('an ended session ends its streams without complete, and no other stream', async () => {
  const [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const [hers, his] = await Promise.all(
    [alice, bob].map(({ token }) => openStream(app.url, { query: WATCH_ALL }, { token })),
  );
  await endSessionsOf(alice.id);
  expect(await all(hers as Response)).toEqual([{ data: '' }, { data: 'The credential was revoked' }]);
  const events = eventsOf(his as Response);
  await bob.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  await until(async () => (await events.next()).value?.event === 'next', 'the other stream to continue');
  await events.return(undefined);
});

test('an expired token ends its stream without complete', async () => {
  const stream = await until(async () => {
    const { token } = await signUp(expiring.url);
    const response = await openStream(expiring.url, { query: WATCH_ALL }, { token });
    return response.ok && response;
  }, 'a stream to open before its token expires');
  const events = await all(stream);
  expect(events).toEqual([{ data: '' }, { data: 'The token has expired' }]);
});

test('graphql-sse reconnects with a new token, and receives the final state', async () => {
  const { alice, id } = await until(async () => {
    const alice: Client & { refreshToken: string } = await signUp(expiring.url);
    const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
    return data && { alice, id: data.createGeneration.id };
  }, 'a generation to be created before the token expires');
  let { refreshToken, token } = alice;
  let connections = 0;
  const client = createClient({
    url: `${expiring.url}/graphql/stream`,
    retry: async () => {
      const { data } = await clientOf(expiring.url).ask(
        'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }',
        { token: refreshToken },
      );
      refreshToken = data.refreshSession.refreshToken;
      token = data.refreshSession.accessToken;
    },
    headers: () => ({ authorization: `Bearer ${token}` }),
    on: {
      connected: () => {
        connections += 1;
        if (connections === 2) expiring.simulator.release();
      },
    },
  });
  const statuses = [];
  const query = `subscription { generationUpdated(id: "${id}") { status } }`;
  for await (const { data } of client.iterate<{ generationUpdated: { status: string } }>({ query }))
    statuses.push(data?.generationUpdated.status);
  expect(statuses.at(-1)).toBe('COMPLETED');
  expect(connections).toBeGreaterThan(1);
});
