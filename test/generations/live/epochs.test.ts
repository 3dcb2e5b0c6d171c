/** Epochs: cursors from before a restore of the database resume with a GAP, and new cursors work. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { findChanges, findResumePoint } from '../../../src/generations/live/changes.js';
import { openEpoch } from '../../../src/generations/live/epochs.js';
import { openDatabase } from '../../../src/orm.js';
import { createDatabase, type TestDatabase } from '../../support/database.js';

let database: TestDatabase;
let orm: MikroORM;
beforeEach(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
});
afterEach(async () => {
  await orm.close();
  await database.drop();
});

async function insert(): Promise<string> {
  const [user] = await database.query<{ id: string }>(
    `insert into users (id, email, password_hash, role) values (gen_random_uuid(), 'a@example.com', '', 'USER') returning id`,
  );
  await database.query(
    `insert into generations (id, user_id, status, prompt, negative_prompt, workflow_name, workflow_version, parameters, waiting, revision)
     values (gen_random_uuid(), $1, 'COMPLETED', '', '', '', 1, '{}', false, 1)`,
    [user?.id],
  );
  return String(user?.id);
}

test('a database that was moved to another PostgreSQL has no change in the future, and its old cursors have a gap', async () => {
  const em = orm.em.fork();
  const userId = await insert();
  const epoch = await openEpoch(em);
  const { position: since } = await findChanges(em, []);
  expect(await findResumePoint(em, userId, { epoch, since })).toMatchObject({ hasGap: false });

  // As after pg_restore: the rows carry transaction ids of the old cluster, far ahead of this one.
  await database.query('alter table generations disable trigger generations_stamp_change');
  await database.query(`update generations set changed_in = '9000000000', created_in = '9000000000'`);
  await database.query('alter table generations enable trigger generations_stamp_change');
  await database.query(`update change_epochs set origin = 'another/1'`);

  const newEpoch = await openEpoch(em);
  expect(await findResumePoint(em, userId, { epoch, since })).toMatchObject({ hasGap: true });
  const { position } = await findChanges(em, []);
  expect((await findChanges(em, [{ userId, since: position }])).found).toEqual([]);
  expect(await findResumePoint(em, userId, { epoch: newEpoch, since: position })).toMatchObject({ hasGap: false });
});

test('a cursor that is newer than a restored backup has a gap', async () => {
  const em = orm.em.fork();
  const userId = await insert();
  await openEpoch(em);
  const later = await openEpoch(em);
  const { position: since } = await findChanges(em, []);
  await database.query('delete from change_epochs where id = $1', [later]);
  expect(await findResumePoint(em, userId, { epoch: later, since })).toMatchObject({ hasGap: true });
});
