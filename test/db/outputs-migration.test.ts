/** The migration "outputs" keeps the images, uploads and inputs of earlier versions. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { openDatabase } from '../../src/orm.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const BEFORE = '2026-11-27-saved-workflows';

let database: TestDatabase;
let orm: MikroORM;
beforeEach(async () => {
  database = await createEmptyDatabase();
  orm = await openDatabase(database.url);
  await orm.migrator.up({ to: BEFORE });
});
afterEach(async () => {
  await orm.close();
  await database.drop();
});

const run = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  orm.em.fork().execute(sql, values);

async function insertUser(): Promise<string> {
  const id = randomUUID();
  await run(`insert into users (id, email, password_hash) values (?, ?, '')`, [id, `${id}@example.com`]);
  return id;
}

async function insertGeneration(user: string, inputs: Record<string, string> = {}): Promise<string> {
  const id = randomUUID();
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting, completed_at,
       input_files)
     values (?, ?, 'a hill', '', 'text-to-image', 1, '{}', 'COMPLETED', false, now(), ?::jsonb)`,
    [id, user, JSON.stringify(inputs)],
  );
  return id;
}

const insertImage = async (generation: string, files: string[]) => {
  await run('insert into results (id, generation_id) values (?, ?)', [generation, generation]);
  for (const [position, file] of files.entries())
    await run(
      `insert into images (id, result_id, position, file, content_type, width, height, byte_size)
       values (gen_random_uuid(), ?, ?, ?, 'image/png', 8, 8, 100)`,
      [generation, position, file],
    );
};

const insertUpload = (user: string, file: string | null, hash: string | null) =>
  run(
    `insert into uploads (id, user_id, content_type, byte_size, file, hash, expires_at)
     values (gen_random_uuid(), ?, 'image/png', 50, ?, ?, now() + interval '1 day')`,
    [user, file, hash],
  );

test('every file of an image, an upload or an input gets a blob of its account', async () => {
  const [alice, bob] = [await insertUser(), await insertUser()];
  const first = await insertGeneration(alice);
  // Two images with the same bytes were one file.
  await insertImage(first, [`${first}/aa.png`, `${first}/aa.png`, `${first}/bb.png`]);
  const second = randomUUID();
  const again = await insertGeneration(bob, { source: `${second}/cc.png`, mask: `${second}/cc.png` });
  // An output that equals the input was the same file.
  await insertImage(again, [`${second}/cc.png`]);
  await insertUpload(alice, `${alice}/dd.png`, 'd');
  await insertUpload(alice, `${alice}/dd.png`, 'd');
  await insertUpload(bob, `${bob}/dd.png`, 'd');
  await insertUpload(alice, null, null);
  await migrate(orm, pino({ level: 'silent' }));

  const blobs = await run('select file, user_id, hash, byte_size::int from blobs');
  expect(blobs).toHaveLength(5);
  expect(blobs).toEqual(
    expect.arrayContaining([
      { file: `${first}/aa.png`, user_id: alice, hash: null, byte_size: 100 },
      { file: `${first}/bb.png`, user_id: alice, hash: null, byte_size: 100 },
      { file: `${second}/cc.png`, user_id: bob, hash: null, byte_size: 100 },
      { file: `${alice}/dd.png`, user_id: alice, hash: 'd', byte_size: 50 },
      { file: `${bob}/dd.png`, user_id: bob, hash: 'd', byte_size: 50 },
    ]),
  );
  expect(await run('select generation_id, file from generation_inputs')).toEqual([
    { generation_id: again, file: `${second}/cc.png` },
  ]);
  expect(await run('select distinct output, is_animated, hash from images')).toEqual([
    { output: 'image', is_animated: false, hash: null },
  ]);
  expect(await run('select distinct texts, problems from results')).toEqual([{ texts: [], problems: [] }]);
  expect(await orm.schema.getUpdateSchemaSQL()).toBe('');
});

test('uploads with the same bytes and different files stay, and later ones share one of them', async () => {
  const alice = await insertUser();
  for (const name of ['aa', 'bb']) await insertUpload(alice, `${alice}/${name}.png`, 'a');
  await migrate(orm, pino({ level: 'silent' }));
  expect(await run('select file, hash from blobs order by file')).toEqual([
    { file: `${alice}/aa.png`, hash: 'a' },
    { file: `${alice}/bb.png`, hash: null },
  ]);
});

test('an input whose file is no image has a blob of unknown size', async () => {
  const alice = await insertUser();
  const id = randomUUID();
  await insertGeneration(alice, { source: `${id}/aa.png` });
  await migrate(orm, pino({ level: 'silent' }));
  expect(await run('select user_id, byte_size::int from blobs')).toEqual([{ user_id: alice, byte_size: 0 }]);
});
