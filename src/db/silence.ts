/**
 * A connection may be cut without either side being told, and whoever waits on it would wait for ever. What PostgreSQL does not answer in
 * time fails, and its connection is not used again.
 */
import type { Socket } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';

/** Longer than any statement of ours takes, and not much longer than a lease. */
const LONGEST_SILENCE_MS = 15_000;

function end(this: Socket): void {
  this.destroy();
}

/** From now on. What may take long, as migrations do, comes before. */
export async function endSilence(orm: MikroORM): Promise<void> {
  const pool: pg.Pool = await orm.em.getDriver().getConnection().getNativeClient();
  const bound = (client: pg.PoolClient, ms: number) =>
    ((client as pg.Client).connection.stream as Socket).setTimeout(ms, end);
  pool.on('acquire', (client) => bound(client, LONGEST_SILENCE_MS));
  pool.on('release', (_, client) => bound(client, 0));
}
