/**
 * A full disk: a file can be written only in part.
 *
 * @slow: starts servers as processes.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Simulator, startSimulator } from '../../src/simulator/index.js';
import { clientOf, signUp } from '../support/client.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes, type ServerProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { create, finish, read } from './stories.js';

/** Less than the size of a picture. */
const ROOM_BYTES = 1_000;

const processes = new Processes();
let database: TestDatabase;
let simulator: Simulator;
beforeEach(async () => {
  database = await createDatabase();
  simulator = await startSimulator({ stepMs: 5 });
});
afterEach(async () => {
  await processes.end();
  await simulator.close();
  await database.drop();
});

/** Limits the file size, which to the process looks like a full disk. */
const limit = ({ pid }: ServerProcess, bytes: number | 'unlimited') =>
  spawnSync('prlimit', [`--pid=${pid}`, `--fsize=${bytes}:`], { stdio: 'inherit' });
const canLimit = spawnSync('prlimit', ['--version']).status === 0;

const FAILURE = 'query ($id: ID!) { generation(id: $id) { failure { code retryable } } }';

const whereFilesCanBeLimited = canLimit ? describe : describe.skip; // without prlimit
whereFilesCanBeLimited('while the disk is full', () => {
  test.each<[string, boolean, number]>([
    ['for a moment, the picture is stored once there is room', true, 500],
    [
      'for longer, the generation fails with RESULT_UNAVAILABLE, no partial file stays, and later pictures are stored',
      false,
      10,
    ],
  ])('%s', async (_, isShort, outputRetryDelayMs) => {
    const server = await processes.startServerProcess({
      env: { DATABASE_URL: database.url, COMFYUI_URL: simulator.url, LOG_LEVEL: 'info' },
      timings: { outputRetryDelayMs },
    });
    const alice = await signUp(server.url);
    const pictures = join(server.dataDir, 'pictures');
    limit(server, ROOM_BYTES);
    const id = await create(server.url, alice);
    await until(() => server.logs.includes('could not store a file'), 'the file not to be stored');
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
    if (isShort) {
      expect((await read(server.url, alice, id)).status).toBe('PROCESSING');
    } else {
      expect(await finish(server.url, alice, id)).toMatchObject({ status: 'FAILED', result: null });
      const { data } = await clientOf(server.url, alice.token).ask(FAILURE, { id });
      expect(data.generation.failure).toEqual({ code: 'RESULT_UNAVAILABLE', retryable: true });
      expect(readdirSync(join(pictures, '.temporary'))).toEqual([]);
      const owner = join(pictures, alice.id);
      expect(existsSync(owner) ? readdirSync(owner) : []).toEqual([]);
    }
    limit(server, 'unlimited');
    for (const each of isShort ? [id] : [await create(server.url, alice)]) {
      const { status, result } = await finish(server.url, alice, each);
      expect(status).toBe('COMPLETED');
      const image = result?.images[0];
      const bytes = await (await fetch(server.url + image?.url)).arrayBuffer();
      expect(bytes.byteLength).toBe(image?.byteSize);
      expect(readdirSync(join(pictures, '.temporary'))).toEqual([]);
    }
  });
});
