/** Plain statements: what the driver returns is what the types of the tables say. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Session } from '../../src/accounts/sessions/session.js';
import { User } from '../../src/accounts/user.js';
import { anyOf, now, query } from '../../src/db/query.js';
import { openDatabase } from '../../src/orm.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let orm: MikroORM;
beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
});
afterAll(async () => {
  await orm?.close();
  await database.drop();
});

async function saveUser(): Promise<User> {
  const em = orm.em.fork();
  const user = em.create(User, { email: `${randomUUID()}@example.com`, passwordHash: 'none' });
  await em.flush();
  return user;
}

test('every column of an entity has the name of its property in snake case', () => {
  const entities = [...orm.getMetadata().getAll().values()].filter(({ pivotTable }) => !pivotTable);
  const columns = entities.flatMap(({ comparableProps }) =>
    comparableProps.map(({ name, fieldNames }) => [name, ...fieldNames]),
  );
  expect(columns.length).toBeGreaterThan(80);
  expect(columns.filter(([name, ...fields]) => fields.join() !== snake(name))).toEqual([]);
});

const snake = (name = '') => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

test('a timestamp is text, JSON is parsed, and absent values are null', async () => {
  const user = await saveUser();
  const em = orm.em.fork();
  const expiresAt = new Date('2030-01-02T03:04:05.678Z');
  em.create(Session, { userId: user.id, expiresAt, refreshes: [1, 2] });
  await em.flush();
  const row = await query(em)
    .selectFrom('sessions')
    .select(['user_id', 'refresh_number', 'refreshes', 'user_agent', 'expires_at'])
    .where('user_id', '=', user.id)
    .executeTakeFirstOrThrow();
  expect(row).toMatchObject({ user_id: user.id, refresh_number: 0, refreshes: [1, 2], user_agent: null });
  const text: string = row.expires_at;
  expect([typeof text, new Date(text)]).toEqual(['string', expiresAt]);
});

test('dates, JSON and arrays are written as they are read', async () => {
  const user = await saveUser();
  const em = orm.em.fork();
  em.create(Session, { userId: user.id, expiresAt: new Date() });
  await em.flush();
  const backendId = randomUUID();
  await em.execute('insert into backends (id, name, url) values (?, ?, ?)', [backendId, 'one', backendId]);
  const expiresAt = new Date('2030-01-02T03:04:05.678Z');
  const session = await query(em)
    .updateTable('sessions')
    .set({ expires_at: expiresAt, refreshes: JSON.stringify([3]) })
    .where('user_id', '=', user.id)
    .returning(['expires_at', 'refreshes'])
    .executeTakeFirstOrThrow();
  expect([new Date(session.expires_at), session.refreshes]).toEqual([expiresAt, [3]]);
  const classes = ['', 'a,b', '{"c"}', '\\', 'line\nbreak', 'NULL'];
  const saved = await query(em)
    .updateTable('backends')
    .set({ classes })
    .where('id', '=', backendId)
    .returning(['classes', 'strikes', 'is_simulated'])
    .executeTakeFirst();
  expect(saved).toEqual({ classes, strikes: [], is_simulated: false });
});

test('a statement runs in the transaction of its entity manager', async () => {
  const user = await saveUser();
  const em = orm.em.fork();
  const failing = em.transactional(async (em) => {
    await query(em).updateTable('users').set({ disabled_at: now }).where('id', '=', user.id).execute();
    const inside = await query(em).selectFrom('users').select('disabled_at').where('id', '=', user.id).execute();
    expect(inside).toEqual([{ disabled_at: expect.any(String) }]);
    throw new Error('roll back');
  });
  await expect(failing).rejects.toThrow('roll back');
  const after = await query(em).selectFrom('users').select('disabled_at').where('id', '=', user.id).execute();
  expect(after).toEqual([{ disabled_at: null }]);
});

test('anyOf finds the rows of all values, and none for no values', async () => {
  const ids = (await Promise.all([saveUser(), saveUser()])).map(({ id }) => id).sort();
  const find = (ids: readonly string[]) =>
    query(orm.em.fork()).selectFrom('users').select('id').where('id', '=', anyOf(ids)).orderBy('id').execute();
  expect(await find([...ids, randomUUID()])).toEqual(ids.map((id) => ({ id })));
  expect(await find([])).toEqual([]);
});
