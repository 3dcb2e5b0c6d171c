/** Sockets while the database is unavailable: open sockets survive, and new clients get a close code after which they reconnect. */
import { setTimeout } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { Log } from '../../support/log.js';
import { connect, openSocket } from '../../support/socket.js';
import { startTunnel, type Tunnel } from '../../support/tunnel.js';
import { until } from '../../support/until.js';

const log = new Log();
let database: TestDatabase;
let tunnel: Tunnel;
let far: TestApp;
let alice: Client & { email: string };
beforeAll(async () => {
  database = await createDatabase();
  tunnel = await startTunnel(database.url);
  far = await startTestApp({ env: { LOG_LEVEL: 'info', DATABASE_URL: tunnel.url }, log });
  far.simulator.hold();
  alice = await signUp(far.url);
});
afterEach(() => tunnel.heal());
afterAll(async () => {
  await far?.close();
  tunnel?.close();
  await database?.drop();
});

const LIVE = { id: 'live', type: 'subscribe', payload: { query: 'subscription { generationsUpdated { kind } }' } };
const connectionInit = () => ({ type: 'connection_init', payload: { authorization: `Bearer ${alice.token}` } });
const create = () => alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');

test('a client that connects while the database refuses connections gets 1013 with a request id', async () => {
  tunnel.refuse();
  const socket = await openSocket(far.url);
  socket.send(connectionInit());
  const { code, reason } = await socket.closed;
  expect(code).toBe(1013);
  const [, requestId] = /^Try again later \(request ([0-9a-f-]{36})\)$/.exec(reason) ?? [];
  const line = await log.line({ requestId, level: 50 });
  expect(line.err.stack).toEqual(expect.any(String));
  expect(socket.unread).toEqual([]);
});

test('graphql-ws reconnects until the database is back', async () => {
  await until(async () => !(await create()).errors, 'the database to be back');
  const codes: unknown[] = [];
  const client = createClient({
    url: `${far.url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${alice.token}` },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: () => setTimeout(50),
    on: { closed: (event) => codes.push((event as { code: number }).code) },
  });
  tunnel.refuse();
  const answers = client.iterate({ query: '{ viewer { email } }' });
  const answer = answers.next();
  await until(() => codes.length > 1, 'a second attempt');
  expect(new Set(codes)).toEqual(new Set([1013]));
  tunnel.heal();
  expect((await answer).value?.data).toEqual({ viewer: { email: alice.email } });
  await client.dispose();
});

test('a client that connects while the database does not respond gets 4408', async () => {
  tunnel.swallow();
  const socket = await openSocket(far.url);
  socket.send(connectionInit());
  expect(await socket.closed).toEqual({ code: 4408, reason: 'Connection initialisation timeout' });
  tunnel.refuse();
});

test('an open socket survives: operations meanwhile get errors, and subscriptions continue afterwards', async () => {
  await until(async () => !(await create()).errors, 'the database to be back');
  const { data } = await create();
  const [socket, leaving] = [await connect(far.url, alice.token), await connect(far.url, alice.token)];
  for (const each of [socket, leaving]) each.send(LIVE, { type: 'ping' });
  expect((await socket.next()).type).toBe('pong');
  await leaving.next();

  tunnel.refuse();
  for (const query of [
    `subscription { generationUpdated(id: "${data.createGeneration.id}") { status } }`,
    '{ models { name } }',
  ]) {
    socket.send({ id: 'meanwhile', type: 'subscribe', payload: { query } });
    const { type, payload } = await socket.next();
    expect(type).toBe('next');
    const [{ message, extensions }] = payload.errors;
    expect(message).toBe('Internal server error');
    expect(await log.line({ requestId: extensions.requestId, level: 50 })).toBeDefined();
    expect(await socket.next()).toEqual({ id: 'meanwhile', type: 'complete' });
  }
  // A socket that closes meanwhile is cleaned up.
  await leaving.close();
  await log.line({ outcome: 'closed', closeCode: 1005 });

  tunnel.heal();
  await until(async () => !(await create()).errors, 'the database to be back');
  expect(await socket.next()).toMatchObject({ id: 'live', type: 'next', payload: { data: expect.anything() } });
  await socket.close();
});
