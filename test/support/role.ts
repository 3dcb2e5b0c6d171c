/** A PostgreSQL role with the privileges that hosting providers grant: it owns one database. */
import { randomUUID } from 'node:crypto';
import type { TestDatabase } from './database.js';

export type TestRole = { name: string; url: string; drop(): Promise<void> };

export async function createRole(database: TestDatabase, options = ''): Promise<TestRole> {
  const name = `role_${randomUUID().replaceAll('-', '')}`;
  const url = new URL(database.url);
  await database.query(`create role ${name} login password 'secret' ${options}`);
  await database.query(`alter database ${url.pathname.slice(1)} owner to ${name}`);
  url.username = name;
  url.password = 'secret';
  const drop = async () => {
    await database.query(`alter database ${url.pathname.slice(1)} owner to current_user`);
    await database.query(`reassign owned by ${name} to current_user`);
    await database.query(`drop owned by ${name}`);
    await database.query(`drop role ${name}`);
  };
  return { name, url: url.href, drop };
}
