/** The cleaner removes results, inputs and rows of deleted generations, unused uploads, deleted accounts, and files without a row. */
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { newKey } from '../../../src/assets/blobs.js';
import { strippedKey, thumbnailKey } from '../../../src/assets/derived.js';
import { Cleaner } from '../../../src/generations/upkeep/cleaner.js';
import { openDatabase } from '../../../src/orm.js';
import { TIMINGS } from '../../../src/process/timings.js';
import { DiskStorage } from '../../../src/storage/disk.js';
import type { Storage } from '../../../src/storage/storage.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

const logger = pino({ level: 'silent' });
const backend = randomUUID();

let database: TestDatabase;
let orm: MikroORM;
let folder: string;
let storage: Storage;
let user: string;
let cleaner: Cleaner;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  await run(`insert into backends (id, name, url) values (?, 'comfyui-1', 'http://127.0.0.1')`, [backend]);
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-cleaner-'));
  storage = new DiskStorage(folder);
  await storage.open();
  user = await insertUser();
  // Each sweep searches for files without a row.
  cleaner = new Cleaner(orm, storage, { ...TIMINGS, strayFileIntervalMs: 0 }, logger);
});
afterEach(async () => {
  for (const table of ['users', 'blobs']) await run(`truncate ${table} cascade`);
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const run = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  orm.em.fork().execute(sql, values);

/** Runs one complete sweep. */
async function sweep(): Promise<void> {
  cleaner.open();
  await cleaner.close();
}

async function insertUser(): Promise<string> {
  const id = randomUUID();
  await run(`insert into users (id, email, password_hash) values (?, ?, '')`, [id, `${id}@example.com`]);
  return id;
}

async function insert({ status = 'COMPLETED', deletedAgo = '' } = {}): Promise<string> {
  const id = randomUUID();
  const isFinal = ['COMPLETED', 'FAILED', 'CANCELED'].includes(status);
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting,
       completed_at, deleted_at)
     values (?, ?, '', '', 'text-to-image', 1, '{}', ?, false, case when ? then now() end, now() - ?::interval)`,
    [id, user, status, isFinal, deletedAgo === '' ? null : deletedAgo],
  );
  return id;
}

/** Stores a file without a row. */
async function save(owner = user): Promise<string> {
  const key = newKey(owner, 'png');
  await storage.save(key, Buffer.from(key));
  return key;
}

async function saveBlob(owner = user): Promise<string> {
  const key = await save(owner);
  await run('insert into blobs (file, user_id, hash, byte_size) values (?, ?, ?, 4)', [key, owner, key]);
  return key;
}

/** Gives the generation a result with one image, and one file with a poster. */
async function insertResult(id: string, { image, video, poster }: Record<string, string>): Promise<void> {
  await run('insert into results (id, generation_id) values (?, ?)', [id, id]);
  await run(
    `insert into images (id, result_id, position, file, content_type, width, height, byte_size) values (?, ?, 0, ?, 'image/png', 1, 1, 4)`,
    [id, id, image],
  );
  await run(
    `insert into files (id, result_id, position, kind, file, content_type, byte_size, hash, poster, output)
     values (?, ?, 0, 'VIDEO', ?, 'video/mp4', 4, '', ?, 'video')`,
    [id, id, video, poster],
  );
}

const insertInput = (id: string, file: string) =>
  run('insert into generation_inputs (generation_id, file) values (?, ?)', [id, file]);
const insertPrompt = (id: string) =>
  run(
    `insert into prompts (id, generation_id, user_id, attempt, backend_id, place, holder, lease_until, fence)
     values (gen_random_uuid(), ?, ?, 1, ?, floor(random() * 1000000), 1, now(), 0)`,
    [id, user, backend],
  );
const endPrompts = (id: string) => run('update prompts set ended_at = now() where generation_id = ?', [id]);
const rowExists = async (id: string) => (await run('select from generations where id = ?', [id])).length > 0;
const files = async (owner = user) => (await Array.fromAsync(storage.list(owner), ({ key }) => key)).toSorted();
const blobs = async () => (await run('select file from blobs order by file')).map(({ file }) => file);

async function insertDeleted(deletedAgo: string): Promise<string> {
  const id = await insert({ deletedAgo });
  const [image, video, poster] = [await saveBlob(), await saveBlob(), await saveBlob()];
  await insertResult(id, { image, video, poster });
  await insertInput(id, await saveBlob());
  return id;
}

describe('deleted generations', () => {
  test('their results and inputs are removed at once with their files, their rows after a day', async () => {
    const [young, old] = [await insertDeleted('23 h'), await insertDeleted('25 h')];
    await sweep();
    expect(await files()).toEqual([]);
    expect(await blobs()).toEqual([]);
    expect(await rowExists(young)).toBe(true);
    expect(await rowExists(old)).toBe(false);
  });

  test('one keeps its files and its row while its prompt may be in ComfyUI', async () => {
    const id = await insert({ status: 'CANCELING', deletedAgo: '25 h' });
    await insertInput(id, await saveBlob());
    await insertPrompt(id);
    await cleaner.clear(id);
    await sweep();
    expect(await files()).toHaveLength(1);
    expect(await rowExists(id)).toBe(true);
    await endPrompts(id);
    await cleaner.clear(id);
    expect(await files()).toEqual([]);
    await sweep();
    expect(await rowExists(id)).toBe(false);
  });

  test('an abandoned prompt keeps the row for a day, so that its backend can remove it, but no files', async () => {
    const id = await insert({ status: 'CANCELED', deletedAgo: '25 h' });
    await insertInput(id, await saveBlob());
    await insertPrompt(id);
    await run('update prompts set abandoned_at = now() where generation_id = ?', [id]);
    await cleaner.clear(id);
    expect(await files()).toEqual([]);
    await sweep();
    expect(await rowExists(id)).toBe(true);
    await run(`update prompts set abandoned_at = now() - interval '25 h' where generation_id = ?`, [id]);
    await sweep();
    expect(await rowExists(id)).toBe(false);
  });

  test('a file is removed with its last use, and what was made of it', async () => {
    const shared = await saveBlob();
    const derived = [thumbnailKey(shared, 384), strippedKey(shared)];
    for (const key of derived) await storage.save(key, Buffer.from('small'));
    const [first, second] = [await insert({ deletedAgo: '1 h' }), await insert()];
    await insertResult(first, { image: shared, video: await saveBlob(), poster: shared });
    await insertInput(second, shared);
    await sweep();
    expect(await files()).toEqual([shared, ...derived].toSorted());
    await run('update generations set deleted_at = now() where id = ?', [second]);
    await cleaner.clear(second);
    expect(await files()).toEqual([]);
    expect(await blobs()).toEqual([]);
  });

  test('two that are removed at once leave none of the files they share', async () => {
    for (let round = 0; round < 10; round += 1) {
      const [one, other] = [await saveBlob(), await saveBlob()];
      const ids = await Promise.all(Array.from({ length: 4 }, () => insert({ deletedAgo: '1 h' })));
      for (const [nth, id] of ids.entries()) {
        const [image, video] = nth % 2 === 0 ? [one, other] : [other, one];
        await insertResult(id, { image, video, poster: image });
      }
      await Promise.all(ids.map((id) => cleaner.clear(id)));
      expect([await files(), await blobs()]).toEqual([[], []]);
    }
  });
});

describe('files without a row', () => {
  test('one is removed when a second search finds it, others stay', async () => {
    const [stray, image, thumbnail] = [await save(), await saveBlob(), thumbnailKey(await saveBlob(), 192)];
    const orphan = thumbnailKey(await save(), 192);
    for (const key of [thumbnail, orphan]) await storage.save(key, Buffer.from('small'));
    await sweep();
    expect(await files()).toContain(stray);
    const young = await save();
    await sweep();
    expect(await files()).toEqual([image, thumbnail, `${thumbnail.split('z')[0]}.png`, young].toSorted());
    await sweep();
    expect(await files()).not.toContain(young);
  });

  test('one stays while its account has an open prompt, whose end may give it a row', async () => {
    const id = await insert({ status: 'PROCESSING' });
    await insertPrompt(id);
    const key = await save();
    for (let search = 0; search < 3; search += 1) await sweep();
    expect(await files()).toEqual([key]);
    await endPrompts(id);
    for (let search = 0; search < 2; search += 1) await sweep();
    expect(await files()).toEqual([]);
  });

  test('more than one batch of them are removed, also those of no account', async () => {
    const owners = [randomUUID(), randomUUID()];
    for (const owner of owners) await Promise.all(Array.from({ length: 1_100 }, () => save(owner)));
    for (let search = 0; search < 2; search += 1) await sweep();
    for (const owner of owners) expect(await files(owner)).toEqual([]);
  });

  test('by default they are searched for once an hour', async () => {
    expect(TIMINGS.strayFileIntervalMs).toBe(3_600_000);
    cleaner = new Cleaner(orm, storage, TIMINGS, logger);
    const key = await save();
    for (let search = 0; search < 3; search += 1) await sweep();
    expect(await files()).toEqual([key]);
  });

  test('a temporary file that a killed server left is removed while another server runs', async () => {
    const path = join(folder, '.temporary', 'half');
    await writeFile(path, 'half');
    await utimes(path, new Date(0), new Date(0));
    await sweep();
    expect(await readdir(join(folder, '.temporary'))).toEqual([]);
  });
});

describe('uploads', () => {
  const insertUpload = async (file: string | null, { owner = user, expiresIn = '1 h' } = {}): Promise<string> => {
    const id = randomUUID();
    await run(
      `insert into uploads (id, user_id, content_type, byte_size, file, expires_at) values (?, ?, 'image/png', 1, ?, now() + ?::interval)`,
      [id, owner, file, expiresIn],
    );
    return id;
  };
  const uploadExists = async (id: string) => (await run('select from uploads where id = ?', [id])).length > 0;

  test('an expired one is removed with its file, filled or not; others keep theirs', async () => {
    const [used, unused, shared] = [await saveBlob(), await saveBlob(), await saveBlob()];
    const kept = [await insertUpload(used), await insertUpload(shared), await insertUpload(null)];
    const gone = await Promise.all([unused, shared, null].map((key) => insertUpload(key, { expiresIn: '-1 s' })));
    await sweep();
    for (const id of kept) expect(await uploadExists(id)).toBe(true);
    for (const id of gone) expect(await uploadExists(id)).toBe(false);
    expect(await files()).toEqual([used, shared].toSorted());
  });

  test('an expired one leaves its file to the generations that use it', async () => {
    const file = await saveBlob();
    await insertUpload(file, { expiresIn: '-1 s' });
    await insertInput(await insert(), file);
    await sweep();
    expect(await files()).toEqual([file]);
    expect(await blobs()).toEqual([file]);
  });

  test('a deleted account is removed with its uploads and all files', async () => {
    const id = await insertUpload(await saveBlob());
    await save();
    await run('update users set disabled_at = now(), deleted_at = now() where id = ?', [user]);
    await sweep();
    expect(await uploadExists(id)).toBe(false);
    expect(await files()).toEqual([]);
    expect(await run('select from users where id = ?', [user])).toEqual([]);
  });
});
