/**
 * Keeps the pool of connections whole when they break. One may be cut without either side being told, and whoever waits on it would wait
 * for ever; and a transaction that breaks together with its connection never gives it back.
 */
import type { Socket } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { Timings } from '../process/timings.js';
import { poolOf } from './connection-limit.js';

/** Whoever does give it back has done so by then. */
const GIVE_BACK_AFTER_MS = 1_000;

function end(this: Socket): void {
  this.destroy();
}

const bound = (client: pg.PoolClient, ms: number) =>
  ((client as pg.Client).connection.stream as Socket).setTimeout(ms, end);

/** From now on: what may take long, as migrations do, comes before. */
export async function keepPoolWhole(orm: MikroORM, { statementTimeoutMs }: Timings): Promise<void> {
  const pool = await poolOf(orm);
  const held = new Map<pg.PoolClient, () => void>();
  pool.on('acquire', (client) => {
    // kysely releases the connection of a transaction after its COMMIT or ROLLBACK, and not where BEGIN or both of these fail.
    const giveBack = () => setTimeout(() => held.has(client) && client.release(true), GIVE_BACK_AFTER_MS);
    held.set(client, giveBack);
    client.once('end', giveBack);
    bound(client, statementTimeoutMs);
  });
  pool.on('release', (_, client) => {
    const giveBack = held.get(client);
    if (giveBack) client.off('end', giveBack);
    held.delete(client);
    bound(client, 0);
  });
}
