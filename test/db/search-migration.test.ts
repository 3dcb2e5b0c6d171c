/** The migration "search-blocks" and the cleaner move the prompts of earlier versions into blocks. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import pino from 'pino';
import { migrate } from '../../src/db/migrate.js';
import { foldDeltas } from '../../src/generations/upkeep/fold-deltas.js';
import { openDatabase } from '../../src/orm.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';

const BEFORE = '2026-11-28-output-kinds';

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

async function insert(user: string, prompt: string, status: string, isDeleted = false): Promise<string> {
  const id = randomUUID();
  await run(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting, deleted_at)
     values (?, ?, ?, '', 'text-to-image', 1, '{}', ?, false, case when ? then now() end)`,
    [id, user, prompt, status, isDeleted],
  );
  return id;
}

test('ended generations of each user are in one block of theirs, and the others follow when they end', async () => {
  const users = [randomUUID(), randomUUID()] as const;
  for (const id of users)
    await run(`insert into users (id, email, password_hash) values (?, ?, '')`, [id, `${id}@example.com`]);
  const [one, other] = users;
  await insert(one, 'A hill', 'COMPLETED');
  await insert(one, 'A lake', 'FAILED');
  await insert(one, 'A deleted hill', 'COMPLETED', true);
  await insert(other, 'A tower', 'CANCELED');
  const running = await insert(other, 'A bridge', 'PROCESSING');
  await migrate(orm, pino({ level: 'silent' }));
  const blocks = () =>
    run(`select user_id, number, array(select prompt from search_texts t join generations using (id) where block = b.id order by 1) as prompts
         from search_blocks b order by number desc`);
  await foldDeltas(orm.em.fork());
  expect(await blocks()).toEqual([
    { user_id: one, number: 2, prompts: ['A hill', 'A lake'] },
    { user_id: other, number: 1, prompts: ['A tower'] },
  ]);
  await run(`update generations set status = 'COMPLETED' where id = ?`, [running]);
  await run(`update generations set deleted_at = now() where prompt = 'A lake'`);
  await foldDeltas(orm.em.fork());
  expect((await blocks()).map(({ prompts }) => prompts)).toEqual([['A hill'], ['A bridge', 'A tower']]);
});
