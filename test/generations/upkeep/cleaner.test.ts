/** The cleaner removes the files and rows of deleted generations and of unused uploads, and files without a row. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { Cleaner } from '../../../src/generations/upkeep/cleaner.js';
import { openDatabase } from '../../../src/orm.js';
import { TIMINGS } from '../../../src/process/timings.js';
import { DiskStorage } from '../../../src/storage/disk.js';
import { contentKey, readBytes, type Storage } from '../../../src/storage/storage.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const logger = pino({ level: 'silent' });
const user = randomUUID();
const backend = randomUUID();

let database: TestDatabase;
let orm: MikroORM;
let folder: string;
let storage: Storage;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  await run(`insert into users (id, email, password_hash) values (?, 'a@example.com', '')`, [user]);
  await run(`insert into backends (id, name, url) values (?, 'comfyui-1', 'http://127.0.0.1')`, [backend]);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-cleaner-'));
  storage = new DiskStorage(folder);
  await storage.open();
});
afterEach(() => rm(folder, { recursive: true, force: true }));
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const run = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  orm.em.fork().execute(sql, values);

/** Runs one complete sweep. */
async function sweep(): Promise<void> {
  const cleaner = new Cleaner(orm, storage, TIMINGS, logger);
  cleaner.open();
  await cleaner.close();
}

const clear = (id: string) => new Cleaner(orm, storage, TIMINGS, logger).clear(id);

async function insert({ status = 'COMPLETED', deletedAgo = '', source = null as string | null } = {}): Promise<string> {
  const id = randomUUID();
  const isFinal = ['COMPLETED', 'FAILED', 'CANCELED'].includes(status);
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting,
       completed_at, deleted_at, input_files)
     values (?, ?, '', '', 'text-to-image', 1, '{}', ?, false, case when ? then now() end, now() - ?::interval, ?::jsonb)`,
    [
      id,
      user,
      status,
      isFinal,
      deletedAgo === '' ? null : deletedAgo,
      JSON.stringify(source === null ? {} : { source: `${id}/${source}` }),
    ],
  );
  return id;
}

const insertPrompt = (id: string) =>
  run(
    `insert into prompts (id, generation_id, user_id, attempt, backend_id, place, holder, lease_until, fence)
     values (gen_random_uuid(), ?, ?, 1, ?, floor(random() * 1000000), 1, now(), 0)`,
    [id, user, backend],
  );
const endPrompts = (id: string) => run('update prompts set ended_at = now() where generation_id = ?', [id]);
const rowExists = async (id: string) => (await run('select from generations where id = ?', [id])).length > 0;
const keysOf = async (owner: string) => (await Array.fromAsync(storage.list(owner))).map(({ key }) => key).toSorted();
const filesOf = (id: string) => readdir(join(folder, id)).catch(() => []);
async function save(id: string, text = 'picture'): Promise<string> {
  const bytes = Buffer.from(text);
  const key = contentKey(id, bytes, 'png');
  await storage.save(key, bytes);
  return key;
}

async function age(key: string, ageMs: number): Promise<void> {
  const then = new Date(Date.now() - ageMs);
  await utimes(join(folder, key), then, then);
}
const HOUR_MS = 3_600_000;

test('the files of a deleted generation are removed at once, its row after a day', async () => {
  const [young, old] = [await insert({ deletedAgo: '23 h' }), await insert({ deletedAgo: '25 h' })];
  for (const id of [young, old]) await save(id);
  await sweep();
  expect(await filesOf(young)).toEqual([]);
  expect(await filesOf(old)).toEqual([]);
  expect(await rowExists(young)).toBe(true);
  expect(await rowExists(old)).toBe(false);
});

test('a deleted generation keeps its files and its row while its prompt may be in ComfyUI', async () => {
  const id = await insert({ status: 'CANCELING', deletedAgo: '25 h' });
  await save(id);
  await insertPrompt(id);
  await clear(id);
  await sweep();
  expect(await filesOf(id)).toHaveLength(1);
  expect(await rowExists(id)).toBe(true);
  await endPrompts(id);
  await clear(id);
  expect(await filesOf(id)).toEqual([]);
  await sweep();
  expect(await rowExists(id)).toBe(false);
});

test('an abandoned prompt keeps the row for a day, so that its backend can remove it, but no files', async () => {
  const id = await insert({ status: 'CANCELED', deletedAgo: '25 h' });
  await save(id);
  await insertPrompt(id);
  await run('update prompts set abandoned_at = now() where generation_id = ?', [id]);
  await clear(id);
  expect(await filesOf(id)).toEqual([]);
  await sweep();
  expect(await rowExists(id)).toBe(true);
  await run(`update prompts set abandoned_at = now() - interval '25 h' where generation_id = ?`, [id]);
  await sweep();
  expect(await rowExists(id)).toBe(false);
});

test('a final generation keeps the files of its result and its source, and loses all others', async () => {
  const id = await insert({ source: 'source.png' });
  const [kept, unused] = [await save(id, 'kept'), await save(id, 'unused')];
  await run(`insert into results (id, generation_id) values (?, ?)`, [id, id]);
  await run(
    `insert into images (id, result_id, position, file, content_type, width, height, byte_size) values (?, ?, 0, ?, 'image/png', 1, 1, 4)`,
    [id, id, kept],
  );
  const source = await save(id, 'source');
  await run('update generations set input_files = ?::jsonb where id = ?', [JSON.stringify({ source }), id]);
  await clear(id);
  await clear(id);
  expect((await filesOf(id)).map((name) => `${id}/${name}`).toSorted()).toEqual([kept, source].toSorted());
  expect(await filesOf(id)).not.toContain(unused);
});

test('a running generation keeps its files', async () => {
  const id = await insert({ status: 'PROCESSING' });
  await save(id);
  await clear(id);
  await sweep();
  expect(await filesOf(id)).toHaveLength(1);
});

test('files without a generation are removed after an hour', async () => {
  const [old, young] = [await save(randomUUID()), await save(randomUUID())];
  const living = await save(await insert());
  await age(old, HOUR_MS + 60_000);
  await age(living, 10 * HOUR_MS);
  await age(young, HOUR_MS - 60_000);
  await sweep();
  expect(await storage.stat(old)).toBeUndefined();
  expect((await readBytes(storage, young)).length).toBeGreaterThan(0);
  expect((await readBytes(storage, living)).length).toBeGreaterThan(0);
});

test('more files without a generation than one batch are removed', async () => {
  const keys = await Promise.all(Array.from({ length: 520 }, () => save(randomUUID())));
  for (const key of keys) await age(key, 2 * HOUR_MS);
  await sweep();
  expect(await Array.fromAsync(storage.owners())).toEqual([]);
});

describe('uploads', () => {
  const insertUpload = async (key: string | null, { owner = user, expiresIn = '1 h' } = {}): Promise<string> => {
    const id = randomUUID();
    await run(
      `insert into uploads (id, user_id, content_type, byte_size, file, expires_at) values (?, ?, 'image/png', 1, ?, now() + ?::interval)`,
      [id, owner, key, expiresIn],
    );
    return id;
  };
  const uploadExists = async (id: string) => (await run('select from uploads where id = ?', [id])).length > 0;

  test('an expired upload is removed with its file, filled or not; others keep theirs', async () => {
    const [used, unused, shared] = [await save(user, 'used'), await save(user, 'unused'), await save(user, 'shared')];
    const kept = [await insertUpload(used), await insertUpload(shared), await insertUpload(null)];
    const gone = await Promise.all([unused, shared, null].map((key) => insertUpload(key, { expiresIn: '-1 s' })));
    await sweep();
    for (const id of kept) expect(await uploadExists(id)).toBe(true);
    for (const id of gone) expect(await uploadExists(id)).toBe(false);
    expect(await keysOf(user)).toEqual([used, shared].toSorted());
    await run('delete from uploads');
  });

  test('a file of an interrupted PUT is removed after an hour, and those of uploads stay', async () => {
    const [stray, young, used] = [await save(user, 'stray'), await save(user, 'young'), await save(user, 'used')];
    await insertUpload(used);
    const old = new Date(Date.now() - 2 * HOUR_MS);
    for (const key of [stray, used]) await utimes(join(folder, key), old, old);
    await sweep();
    expect(await keysOf(user)).toEqual([young, used].toSorted());
    await run('delete from uploads');
  });

  test('a temporary file that a killed server left is removed while another server runs', async () => {
    const path = join(folder, '.temporary', 'half');
    await writeFile(path, 'half');
    await utimes(path, new Date(0), new Date(0));
    await sweep();
    expect(await readdir(join(folder, '.temporary'))).toEqual([]);
  });

  test('a deleted account is removed with its uploads and their files', async () => {
    const owner = randomUUID();
    await run(`insert into users (id, email, password_hash, disabled_at, deleted_at) values (?, ?, '', now(), now())`, [
      owner,
      owner,
    ]);
    const id = await insertUpload(await save(owner), { owner });
    await sweep();
    expect(await uploadExists(id)).toBe(false);
    expect(await keysOf(owner)).toEqual([]);
    expect(await run('select from users where id = ?', [owner])).toEqual([]);
  });
});
