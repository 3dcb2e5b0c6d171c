/** The log line of an operation: its user and its outcome, and not its content. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, post, signUp } from '../../support/client.js';
import { eventsOf, openStream } from '../../support/event-stream.js';
import { type Line, Log } from '../../support/log.js';
import { connect } from '../../support/socket.js';
import { lockTable } from '../../support/table-lock.js';
import { type Send, TRANSPORTS } from '../../support/transports.js';

const log = new Log();
let app: TestApp;
let alice: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { LOG_LEVEL: 'info' }, log });
  app.simulator.hold();
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

/** A test finds its own lines by this name. */
const newName = () => `Operation${randomBytes(4).toString('hex')}`;
const lineOf = (operation: string): Promise<Line> => log.line({ operation, msg: 'operation ended' });
const live = (name: string) => ({ query: `subscription ${name} { generationsUpdated { kind } }` });
const subscribe = (payload: object, id = '1') => ({ id, type: 'subscribe', payload });
/** Wait for the end: a client that disconnects after the result may be gone before complete. */
const UNTIL_COMPLETE: [transport: string, send: (...request: Parameters<Send>) => Promise<void>][] = [
  [
    'WebSocket',
    async (url, token, payload) => {
      const socket = await connect(url, token);
      socket.send(subscribe(payload as object));
      while ((await socket.next()).type === 'next');
      await socket.close();
    },
  ],
  [
    'server-sent events',
    async (url, token, payload) => void (await (await openStream(url, payload, { token })).text()),
  ],
];
const UUID = expect.stringMatching(/^[0-9a-f-]{36}$/);

describe.each(UNTIL_COMPLETE)('over %s', (_transport, send) => {
  test('an executed operation is completed', async () => {
    const operation = newName();
    await send(app.url, alice.token, {
      query: `mutation ${operation}($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }`,
      variables: { input: { prompt: 'a secret prompt' } },
    });
    const line = await lineOf(operation);
    expect(line).toMatchObject({
      level: 30,
      requestId: UUID,
      userId: alice.id,
      operation,
      type: 'mutation',
      ms: expect.any(Number),
      outcome: 'completed',
    });
    const common = ['level', 'time', 'pid', 'hostname', 'name', 'msg'];
    const own = Object.keys(line).filter((key) => !common.includes(key));
    expect(own.sort()).toEqual(['ms', 'operation', 'outcome', 'requestId', 'type', 'userId']);
    expect(log.text).not.toContain('a secret prompt');
  });

  test('a failed operation of an anonymous caller has the codes of its errors, each once', async () => {
    const operation = newName();
    const query = `query ${operation} { a: generation(id: "x") { id } b: generation(id: "y") { id } }`;
    await send(app.url, undefined, { query });
    const line = await lineOf(operation);
    expect(line).toMatchObject({ type: 'query', outcome: 'failed', codes: ['UNAUTHENTICATED'] });
    expect(line).not.toHaveProperty('userId');
  });

  test('an operation with an invalid document has a code and no type', async () => {
    const { id, token } = await signUp(app.url);
    await send(app.url, token, { query: `{ ${newName()}` });
    const line = await log.line({ userId: id, msg: 'operation ended' });
    expect(line).toMatchObject({ outcome: 'failed', codes: ['GRAPHQL_PARSE_FAILED'] });
    expect(line).not.toHaveProperty('type');
    expect(line).not.toHaveProperty('operation');
  });

  test('a long operation name is cut', async () => {
    const start = newName();
    await send(app.url, alice.token, { query: `query ${start}${'x'.repeat(1_000)} { __typename }` });
    const line = await lineOf(`${start}${'x'.repeat(100 - start.length)}`);
    expect(line.outcome).toBe('completed');
  });
});

test('over HTTP the line of the request has the fields of the operation', async () => {
  const operation = newName();
  const query = `query ${operation} { generation(id: "x") { id } }`;
  for (const token of [alice.token, undefined]) await post(app.url, { query }, token);
  const expected = { msg: 'request ended', operation, type: 'query', path: '/graphql', status: 200 };
  const ofAlice = await log.line({ ...expected, userId: alice.id });
  expect(ofAlice.codes).toEqual(['NOT_FOUND']);
  const ofAnonymous = await log.line({ ...expected, userId: undefined });
  expect(ofAnonymous.codes).toEqual(['UNAUTHENTICATED']);
});

test('a masked error and its log line have the same request id', async () => {
  const client = new pg.Client({ connectionString: app.database.url });
  await client.connect();
  await client.query('alter table models rename to models_away');
  try {
    for (const [transport, send] of TRANSPORTS) {
      const operation = newName();
      const { errors } = await send(app.url, alice.token, { query: `query ${operation} { models { name } }` });
      const requestId = errors?.[0]?.extensions.requestId;
      expect(await log.line({ requestId, level: 50 })).toMatchObject({ path: ['models'] });
      const msg = transport === 'HTTP' ? 'request ended' : 'operation ended';
      expect(await log.line({ operation, msg })).toMatchObject({ requestId, codes: ['INTERNAL_SERVER_ERROR'] });
    }
  } finally {
    await client.query('alter table models_away rename to models');
    await client.end();
  }
});

test('the operation of a stream has the id of its request', async () => {
  const operation = newName();
  const answer = await openStream(app.url, { query: `query ${operation} { __typename }` }, { token: alice.token });
  await answer.text();
  expect((await lineOf(operation)).requestId).toBe(answer.headers.get('x-request-id'));
});

describe('the outcome is', () => {
  test('left, if the client completes the operation or closes its stream', async () => {
    const [bySocket, byStream] = [newName(), newName()];
    const socket = await connect(app.url, alice.token);
    socket.send(subscribe(live(bySocket)), { type: 'ping' });
    await socket.next();
    socket.send({ type: 'complete', id: '1' });
    expect(await lineOf(bySocket)).toMatchObject({ type: 'subscription', outcome: 'left' });
    await socket.close();
    const leaving = new AbortController();
    await openStream(app.url, live(byStream), { token: alice.token, signal: leaving.signal });
    leaving.abort();
    expect(await lineOf(byStream)).toMatchObject({ type: 'subscription', outcome: 'left' });
  });

  test('closed, with the close code of the socket', async () => {
    const [politely, abruptly] = [newName(), newName()];
    const [polite, abrupt] = [await connect(app.url, alice.token), await connect(app.url, alice.token)];
    polite.send(subscribe(live(politely)), { type: 'ping' });
    abrupt.send(subscribe(live(abruptly)), { type: 'ping' });
    await Promise.all([polite.next(), abrupt.next()]);
    polite.socket.close(1000);
    abrupt.socket.terminate();
    expect(await lineOf(politely)).toMatchObject({ outcome: 'closed', closeCode: 1000 });
    expect(await lineOf(abruptly)).toMatchObject({ outcome: 'closed', closeCode: 1006 });
  });

  test('closed, if the session ends', async () => {
    const bob = await signUp(app.url);
    const [bySocket, byStream] = [newName(), newName()];
    const socket = await connect(app.url, bob.token);
    socket.send(subscribe(live(bySocket)), { type: 'ping' });
    await socket.next();
    const stream = await openStream(app.url, live(byStream), { token: bob.token });
    await bob.ask('mutation { signOut }');
    await stream.text();
    expect(await lineOf(bySocket)).toMatchObject({ userId: bob.id, outcome: 'closed', closeCode: 4403 });
    expect(await lineOf(byStream)).toMatchObject({ userId: bob.id, outcome: 'closed' });
  });

  test('completed, if the watched generation is deleted', async () => {
    const operations = [newName(), newName()] as const;
    const { data } = await alice.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
    const { id } = data.createGeneration;
    const watching = (name: string) => ({
      query: `subscription ${name} { generationUpdated(id: "${id}") { status } }`,
    });
    const socket = await connect(app.url, alice.token);
    socket.send(subscribe(watching(operations[0])));
    await socket.next();
    const stream = eventsOf(await openStream(app.url, watching(operations[1]), { token: alice.token }));
    await stream.next();
    await alice.ask(`mutation { deleteGeneration(id: "${id}") }`);
    for (const operation of operations) expect(await lineOf(operation)).toMatchObject({ outcome: 'completed' });
    await Promise.all([socket.close(), stream.return(undefined)]);
  });

  test('failed, if the socket has too many operations', async () => {
    const bob = await signUp(app.url);
    const socket = await connect(app.url, bob.token);
    for (let n = 1; n <= 101; n += 1) socket.send(subscribe(live(newName()), `${n}`));
    await socket.next();
    const line = await log.line({ userId: bob.id, outcome: 'failed' });
    expect(line.codes).toEqual(['RATE_LIMITED']);
    await socket.close();
  });
});

test('an operation that waits for its id does not start after the socket has closed', async () => {
  const bob = await signUp(app.url);
  const [first, second] = [newName(), newName()];
  const lock = await lockTable(app.database.url, 'generations');
  const socket = await connect(app.url, bob.token);
  socket.send(subscribe({ query: `query ${first} { generations { totalCount } }` }));
  await lock.isWaitedFor();
  const create = `mutation ${second} { createGeneration(input: { prompt: "x" }) { id } }`;
  socket.send({ type: 'complete', id: '1' }, subscribe({ query: create }), { type: 'ping' });
  await socket.next();
  await socket.close();
  await lock.open();
  expect(await lineOf(first)).toMatchObject({ outcome: 'left' });
  // A generation of the waiting operation would have been created before this one.
  await bob.ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
  expect((await bob.ask('{ generations { totalCount } }')).data.generations.totalCount).toBe(1);
  expect(log.text).not.toContain(second);
});
