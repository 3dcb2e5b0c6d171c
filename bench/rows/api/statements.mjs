/** What an operation asks of PostgreSQL: statements, round trips, and writes that wait for the disk. These are counts, and so exact. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, signUp, until } from '../../support/api.mjs';
import { CREATE, INPUT, startStub, untilEnded } from '../../support/comfyui/jobs.mjs';
import { addResults, fillGallery, PAGE } from '../../support/gallery.mjs';
import { createDatabase } from '../../support/postgres/postgres.mjs';
import { startStatementProxy } from '../../support/postgres/statement-proxy.mjs';
import { startServer } from '../../support/process/server.mjs';
import { median } from '../../support/table/statistics.mjs';

/** Longer than what follows a response, and shorter than the server's periodic work. */
const AFTERWARDS_MS = 60;

export async function measure({ isQuick, isVerbose }) {
  const samples = isQuick ? 9 : 25;
  const database = await createDatabase();
  const proxy = await startStatementProxy(database.url);
  const stub = await startStub();
  const server = await startServer({ COMFYUI_URL: stub.url, DATABASE_URL: proxy.url });
  const user = await signUp(server.url, 'counted@example.com');
  await until(
    async () => (await ask(server.url, '{ backends { state } }', user)).backends[0].state === 'ONLINE',
    'ONLINE',
  );
  await fillGallery(database, user.id, 100);
  await addResults(database, user.id);

  const count = async (what, act, samplesOf = samples) => {
    const taken = [];
    for (let nth = 0; nth < samplesOf + 3; nth += 1) {
      await sleep(AFTERWARDS_MS);
      proxy.reset();
      await act();
      await sleep(AFTERWARDS_MS);
      // The first ones fill the caches.
      if (nth >= 3) taken.push(proxy.counted());
    }
    const statements = median(taken.map(({ statements }) => statements.length));
    const typical = taken.find((each) => each.statements.length === statements);
    if (isVerbose)
      for (const text of typical.statements) console.log(`${what}: ${String(text).replace(/\s+/g, ' ').slice(0, 160)}`);
    const most = Math.max(...taken.map(({ statements }) => statements.length));
    const [roundTrips, syncs] = ['roundTrips', 'syncs'].map((kind) => median(taken.map((each) => each[kind])));
    return {
      what: `statements of ${what}`,
      limit: '1',
      ours: `${statements} in ${roundTrips} round trips, ${syncs} fsyncs`,
      'of the limit': '',
      spread: `up to ${most}`,
    };
  };
  const page = await count('the first page', () => ask(server.url, PAGE, user));
  const create = () => ask(server.url, CREATE, { ...user, variables: { input: INPUT } });
  const job = await count('one job, its creation included', async () => {
    await create();
    await ended(stub);
  });
  await untilEnded(server.url, user);
  await stub.call('begin', null);
  for (let nth = 0; nth < 3; nth += 1) await create();
  const creation = await count('createGeneration', create);
  await server.close();
  await stub.close();
  return [page, creation, job];
}

let before = 0;
/** The stub counts what has ended; the server then saves the result. */
async function ended(stub) {
  await until(async () => (await stub.call('counted')).count > before, 'the prompt has ended');
  before = (await stub.call('counted')).count;
  await sleep(200);
}
