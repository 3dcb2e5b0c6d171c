/** An internal error shows one sentence and the id of its log line, over every transport. */
import pg from 'pg';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { connect } from '../../support/socket.js';
import { TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp({ env: { LOG_LEVEL: 'silent' } });
  app.simulator.hold();
  alice = await signUp(app.url);
  await allOnline(alice);
});
afterAll(() => app?.close());

const run = async (sql: string) => {
  const database = new pg.Client({ connectionString: app.database.url });
  await database.connect();
  await database.query(sql);
  await database.end();
};
const MASKED = {
  message: 'Internal server error',
  extensions: { code: 'INTERNAL_SERVER_ERROR', requestId: expect.stringMatching(/^[0-9a-f-]{36}$/) },
};

test('a missing table is masked in responses and events, and other fields return their data', async () => {
  const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  const socket = await connect(app.url, alice.token);
  await run('alter table models rename to models_away');

  for (const [, send] of TRANSPORTS) {
    const answer = await send(app.url, alice.token, { query: '{ viewer { __typename } models { name } }' });
    expect(answer).toEqual({
      data: { viewer: { __typename: 'User' }, models: null },
      errors: [{ ...MASKED, path: ['models'] }],
    });
    const nested = await send(app.url, alice.token, { query: '{ generations { nodes { model { name } } } }' });
    // One statement reads the page with its models.
    expect(nested.errors).toEqual([{ ...MASKED, path: ['generations'] }]);
  }
  socket.send({
    id: '1',
    type: 'subscribe',
    payload: { query: `subscription { generationUpdated(id: "${data.createGeneration.id}") { model { name } } }` },
  });
  expect((await socket.next()).payload).toEqual({
    data: { generationUpdated: { model: null } },
    errors: [{ ...MASKED, path: ['generationUpdated', 'model'] }],
  });
  await socket.close();
  await run('alter table models_away rename to models');
  expect((await alice.ask('{ models { name } }')).errors).toBeUndefined();
});
