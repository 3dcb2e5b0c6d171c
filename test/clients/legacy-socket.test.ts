/** Clients of the retired package subscriptions-transport-ws get an error, in their own protocol, that names the replacement. */
import { startTestApp, type TestApp } from '../support/app.js';
import { openSocket } from '../support/socket.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ timings: { connectionInitTimeoutMs: 300 } });
});
afterAll(() => app?.close());

const REASON = 'This server speaks graphql-transport-ws: use the package graphql-ws, not subscriptions-transport-ws';
const payload = { message: REASON };
const CLOSED = { code: 4406, reason: REASON };
const open = () => openSocket(app.url, { protocol: 'graphql-ws' });

test('a legacy connection and operation get an error that names the package to use', async () => {
  const socket = await open();
  // Like that client, sends at once without waiting for an acknowledgement.
  socket.send(
    { type: 'connection_init', payload: {} },
    { id: '1', type: 'start', payload: { query: '{ __typename }' } },
  );
  expect(await socket.next()).toEqual({ type: 'connection_error', payload });
  expect(await socket.next()).toEqual({ id: '1', type: 'error', payload });
  expect(await socket.closed).toEqual(CLOSED);
});

test.each<[claim: string, messages: string[]]>([
  ['without an operation', ['{"type":"connection_init"}']],
  ['without a message', []],
  ['after an invalid message', ['{']],
  ['after a message that is no object', ['null']],
])('a legacy socket closes with the same reason %s', async (_, messages) => {
  const socket = await open();
  socket.send(...messages);
  expect(await socket.closed).toEqual(CLOSED);
});

test('a client that offers both protocols gets the current one', async () => {
  const socket = await openSocket(app.url, { protocol: ['graphql-ws', 'graphql-transport-ws'] });
  expect(socket.socket.protocol).toBe('graphql-transport-ws');
  await socket.close();
});
