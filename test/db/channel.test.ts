/** Hints reach all other processes, completely and in order, also after the connection was lost. */
import pg from 'pg';
import pino from 'pino';
import { Channel, type Hint } from '../../src/db/channel.js';
import { PinnedConnection } from '../../src/db/pinned-connection.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { type TestTimings, toTimings } from '../support/timings.js';
import { startTunnel } from '../support/tunnel.js';
import { until } from '../support/until.js';

const logger = pino({ level: 'silent' });
let database: TestDatabase;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  database = await createDatabase();
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await database.drop();
});

type Process = { channel: Channel; connection: PinnedConnection; heard: Hint[][]; openings: () => number };

async function startProcess(url = database.url, timings: TestTimings = {}): Promise<Process> {
  const connection = new PinnedConnection(url, toTimings(timings), logger);
  const channel = new Channel(connection, toTimings(timings), logger);
  const heard: Hint[][] = [];
  let openings = 0;
  channel.on('news', (...words) => heard.push(words));
  channel.onOpen(() => {
    openings += 1;
  });
  await connection.open();
  closing.push(() => connection.close());
  return { channel, connection, heard, openings: () => openings };
}

test('a hint reaches all other processes, but not its sender', async () => {
  const [one, two, three] = [await startProcess(), await startProcess(), await startProcess()];
  one.channel.send('news', 'a', 1, true, null);
  one.channel.send('weather', 'b');
  for (const { heard } of [two, three]) {
    await until(() => heard.length > 0, 'the news');
    expect(heard).toEqual([['a', 1, true, null]]);
  }
  two.channel.send('news', 'c');
  await until(() => one.heard.length > 0, 'the answer');
  expect(one.heard).toEqual([['c']]);
});

test('hints that exceed one notification arrive complete, in order, each once', async () => {
  const [one, two] = [await startProcess(), await startProcess()];
  const words = Array.from({ length: 1_000 }, (_, nth) => `${nth} ${'ü'.repeat(50)}`);
  for (const word of words) one.channel.send('news', word);
  await until(() => two.heard.length >= words.length, 'all hints');
  expect(two.heard).toEqual(words.map((word) => [word]));
});

test('invalid notifications are ignored', async () => {
  const [one, two] = [await startProcess(), await startProcess()];
  for (const payload of ['', 'x', `${'y'.repeat(36)}{"a":1}`, `${'y'.repeat(36)}[1,["news"],{}]`])
    await database.query('select pg_notify($1, $2)', ['comfygraph', payload]);
  one.channel.send('news', 'after');
  await until(() => two.heard.some(([word]) => word === 'after'), 'the hint after them');
});

test('a connection that PostgreSQL terminates is reopened, and listeners learn that hints may be missing', async () => {
  const [one, two] = [await startProcess(), await startProcess()];
  expect(two.openings()).toBe(1);
  await database.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`,
  );
  await until(() => one.openings() > 1 && two.openings() > 1, 'both connections to be reopened');
  one.channel.send('news', 'again');
  await until(() => two.heard.length > 0, 'the news');
});

test('a connection that stops responding is detected and reopened', async () => {
  const tunnel = await startTunnel(database.url);
  closing.push(async () => tunnel.close());
  const [one, two] = [await startProcess(), await startProcess(tunnel.url, { pinnedConnectionCheckMs: 200 })];
  const lost = two.connection.client;
  tunnel.swallow();
  await until(() => two.connection.client !== lost, 'the loss to be detected');
  // A connection opened meanwhile would wait for a response that was swallowed.
  tunnel.refuse();
  tunnel.heal();
  await until(() => two.openings() > 1, 'the next connection');
  one.channel.send('news', 'again');
  await until(() => two.heard.length > 0, 'the news');
});

test('a hint of a process that has no connection arrives when it has one again', async () => {
  const tunnel = await startTunnel(database.url);
  closing.push(async () => tunnel.close());
  const [one, two] = [await startProcess(tunnel.url, { pinnedConnectionCheckMs: 200 }), await startProcess()];
  tunnel.refuse();
  await until(() => one.connection.client === undefined, 'the loss to be detected');
  one.channel.send('news', 'kept');
  tunnel.heal();
  await until(() => two.heard.length > 0, 'the hint');
  expect(two.heard).toEqual([['kept']]);
});

test('a process that has heard no other one for a while sends no hints, until another one starts', async () => {
  const notified: string[] = [];
  const observer = new pg.Client(database.url);
  await observer.connect();
  closing.push(() => observer.end());
  observer.on('notification', ({ payload = '' }) => notified.push(payload));
  await observer.query('listen comfygraph');
  const one = await startProcess(database.url, { pinnedConnectionCheckMs: 200 });
  await until(async () => {
    notified.length = 0;
    one.channel.send('news', 'to nobody');
    // The first ones may have been on their way before the hint, and the hint waits for one that is being sent.
    await until(() => notified.filter((payload) => payload.endsWith('[]')).length > 2, 'its presence, thrice');
    return !notified.some((payload) => payload.includes('to nobody'));
  }, 'a hint that is not sent');
  const two = await startProcess(database.url, { pinnedConnectionCheckMs: 200 });
  await until(() => {
    one.channel.send('news', 'to somebody');
    return two.heard.length > 0;
  }, 'the hint');
  expect(two.heard[0]).toEqual(['to somebody']);
});
