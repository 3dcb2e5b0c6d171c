/** Who may open an event stream, and until when: as long as the credential is good. */
import { createClient } from 'graphql-sse';
import pg from 'pg';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { eventsOf, openStream, type ServerSentEvent } from '../support/event-stream.js';
import { until } from '../support/until.js';
import { SECRET } from './forge.js';

const ACCESS_TOKEN_SECONDS = 2;
const WATCH_ALL = 'subscription { generationsUpdated { kind } }';

/** Its tokens last. */
let app: TestApp;
/** Its do not. */
let hasty: TestApp;
beforeAll(async () => {
  [app, hasty] = await Promise.all([
    startTestApp({ env: { JWT_SECRET: SECRET } }),
    startTestApp({ env: { ACCESS_TOKEN_SECONDS: String(ACCESS_TOKEN_SECONDS) } }),
  ]);
  hasty.simulator.hold();
});
afterAll(() => Promise.all([app?.close(), hasty?.close()]));

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

test('a bad credential is HTTP 401, unless it is not needed', async () => {
  const token = 'not.a.token';
  const refused = await openStream(app.url, { query: WATCH_ALL }, { token });
  expect(refused.status).toBe(401);
  expect(refused.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  const answered = await openStream(app.url, { query: '{ __typename }' }, { token });
  expect((await all(answered)).at(-1)).toEqual({ event: 'complete', data: '' });
});

test('a session that is over ends its streams, before they are complete, and no other', async () => {
  const [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const [hers, his] = await Promise.all(
    [alice, bob].map(({ token }) => openStream(app.url, { query: WATCH_ALL }, { token })),
  );
  await endSessionsOf(alice.id);
  expect(await all(hers as Response)).toEqual([{ data: '' }, { data: 'The credential was revoked' }]);
  const events = eventsOf(his as Response);
  await bob.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  await until(async () => (await events.next()).value?.event === 'next', 'the other stream to go on');
  await events.return(undefined);
});

test('a token that expires ends its stream, before it is complete', async () => {
  const stream = await until(async () => {
    const { token } = await signUp(hasty.url);
    const response = await openStream(hasty.url, { query: WATCH_ALL }, { token });
    return response.ok && response;
  }, 'a stream to be opened in time');
  const events = await all(stream);
  expect(events).toEqual([{ data: '' }, { data: 'The token has expired' }]);
});

test('graphql-sse comes back with a fresh token, and is told the end', async () => {
  const { alice, id } = await until(async () => {
    const alice: Client & { refreshToken: string } = await signUp(hasty.url);
    const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
    return data && { alice, id: data.createGeneration.id };
  }, 'one to be created in time');
  let { refreshToken, token } = alice;
  let connections = 0;
  const client = createClient({
    url: `${hasty.url}/graphql/stream`,
    retry: async () => {
      const { data } = await clientOf(hasty.url).ask(
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
        if (connections === 2) hasty.simulator.release();
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
