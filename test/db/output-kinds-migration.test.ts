/** The migration "output-kinds" knows the outputs of generations from before it. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { selectCount } from '../../src/generations/api/count.js';
import { GenerationOrderField, SortDirection } from '../../src/generations/api/list-inputs.js';
import { openDatabase } from '../../src/orm.js';
import type { OutputKind } from '../../src/workflows/workflow.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const BEFORE = '2026-11-28-shares';

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createEmptyDatabase();
  orm = await openDatabase(database.url);
  await orm.migrator.up({ to: BEFORE });
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const run = (sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> =>
  orm.em.fork().execute(sql, values);

const user = randomUUID();
/** @param kinds of its files, of which images have a table of their own; without them it has no result */
async function insertGeneration(kinds: OutputKind[] | null, texts: object[] = []): Promise<string> {
  const id = randomUUID();
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting, completed_at)
     values (?, ?, 'a hill', '', 'text-to-image', 1, '{}', ?, false, now())`,
    [id, user, kinds ? 'COMPLETED' : 'FAILED'],
  );
  if (!kinds) return id;
  await run('insert into results (id, generation_id, texts) values (?, ?, ?::jsonb)', [id, id, JSON.stringify(texts)]);
  for (const [position, kind] of kinds.entries()) {
    const file = `${user}/${randomUUID().replaceAll('-', '')}.x`;
    await run('insert into blobs (file, user_id, byte_size) values (?, ?, 1)', [file, user]);
    if (kind === 'IMAGE')
      await run(
        `insert into images (id, result_id, position, file, content_type, width, height, byte_size)
         values (gen_random_uuid(), ?, ?, ?, 'image/png', 8, 8, 1)`,
        [id, position, file],
      );
    else
      await run(
        `insert into files (id, result_id, position, kind, file, content_type, byte_size, hash, output)
         values (gen_random_uuid(), ?, ?, ?, ?, 'x/x', 1, '', 'x')`,
        [id, position, kind, file],
      );
  }
  return id;
}

async function countOf(outputKind: OutputKind[]): Promise<unknown> {
  const page = { size: 20, backward: false, after: null, before: null };
  const order = { field: GenerationOrderField.CREATED_AT, direction: SortDirection.DESC };
  const { text, values } = selectCount({ userId: user, page, filter: { outputKind }, order });
  return (await run(text, [...values]))[0]?.total;
}

test('earlier generations are found by their kinds, and are no news to clients', async () => {
  await run(`insert into users (id, email, password_hash) values (?, ?, '')`, [user, `${user}@example.com`]);
  const ids = [
    await insertGeneration(['IMAGE', 'IMAGE', 'VIDEO']),
    await insertGeneration(['VIDEO', 'AUDIO', 'MODEL_3D', 'LATENT', 'FILE', 'TEXT']),
    await insertGeneration([], [{ text: 'x', output: 'x' }]),
    await insertGeneration([]),
    await insertGeneration(null),
  ];
  const CHANGES = 'select id, changed_in::text from generations order by id';
  const before = await run(CHANGES);
  await migrate(orm, pino({ level: 'silent' }));
  const rows = await run('select id, output_kinds as kinds from generations');
  expect(ids.map((id) => rows.find((row) => row.id === id)?.kinds)).toEqual([
    1 + 2,
    2 + 4 + 8 + 32 + 64 + 16,
    16,
    0,
    0,
  ]);
  expect(await run(CHANGES)).toEqual(before);
  expect(await Promise.all([countOf(['VIDEO']), countOf(['TEXT']), countOf(['IMAGE', 'LATENT']), countOf([])])).toEqual(
    [2, 2, 2, 0],
  );
});
