/** Sessions whose requests arrive together are checked by one statement, and each has its own verdict. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { SessionChecks } from '../../../src/accounts/sessions/session-checks.js';
import { poolOf } from '../../../src/db/adaptive-pool.js';
import { createReads, type SqlRunner } from '../../../src/db/reads.js';
import { openDatabase } from '../../../src/orm.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let orm: MikroORM;
let statements = 0;
let checks: SessionChecks;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  const reads = createReads(orm, await poolOf(orm));
  const counted: SqlRunner = {
    execute: (statement, values) => {
      statements += 1;
      return reads.execute(statement, values);
    },
  };
  checks = new SessionChecks(counted);
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

const run = (sql: string, values: unknown[]) => orm.em.fork().execute(sql, values);

async function insertSession(
  lifetime: string,
  disabledAt: Date | null = null,
): Promise<{ id: string; userId: string }> {
  const [id, userId] = [randomUUID(), randomUUID()];
  await run(`insert into users (id, email, password_hash, disabled_at) values (?, ?, '', ?)`, [
    userId,
    `${userId}@example.com`,
    disabledAt,
  ]);
  await run(`insert into sessions (id, user_id, expires_at) values (?, ?, now() + ?::interval)`, [
    id,
    userId,
    lifetime,
  ]);
  return { id, userId };
}

test('valid, expired, disabled and unknown sessions are told apart by one statement', async () => {
  const [alice, bob] = [await insertSession('1 hour'), await insertSession('1 hour')];
  const expired = await insertSession('-1 second');
  const disabled = await insertSession('1 hour', new Date());
  statements = 0;
  const ids = [alice.id, expired.id, bob.id, disabled.id, randomUUID(), alice.id];
  const found = await Promise.all(ids.map((id) => checks.find(id)));
  expect(statements).toBe(1);
  expect(found.map((session) => session?.userId)).toEqual([
    alice.userId,
    undefined,
    bob.userId,
    undefined,
    undefined,
    alice.userId,
  ]);
});

test('a session is checked anew for each request', async () => {
  const { id, userId } = await insertSession('1 hour');
  expect((await checks.find(id))?.userId).toBe(userId);
  await run('delete from sessions where id = ?', [id]);
  expect(await checks.find(id)).toBeUndefined();
});

test('the use of a session is stored once a minute', async () => {
  const { id } = await insertSession('1 hour');
  await run(`update sessions set last_used_at = now() - interval '1 hour' where id = ?`, [id]);
  statements = 0;
  await Promise.all([checks.find(id), checks.find(id)]);
  await checks.find(id);
  // A check and an update, and a check.
  expect(statements).toBe(3);
});
