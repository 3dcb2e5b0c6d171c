/**
 * Keeps the connection pool complete when connections break. A connection may be cut without notice to either side, and a statement on it
 * would never end; and a transaction that fails together with its connection never releases it.
 */
import type { Socket } from 'node:net';
import type { MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import type { Timings } from '../process/timings.js';
import { poolOf } from './adaptive-pool.js';

/** Callers that release the connection themselves have done so by then. */
const RELEASE_DELAY_MS = 1_000;

function destroy(this: Socket): void {
  this.destroy();
}

/** @param ms 0 for no timeout */
const setIdleTimeout = (client: pg.PoolClient, ms: number) =>
  ((client as pg.Client).connection.stream as Socket).setTimeout(ms, destroy);

/** Call it after the migrations: their statements may take longer. */
export async function guardPool(orm: MikroORM, { statementTimeoutMs }: Timings): Promise<void> {
  const pool = await poolOf(orm);
  const held = new Map<pg.PoolClient, () => void>();
  pool.on('acquire', (client) => {
    // kysely releases the connection of a transaction after COMMIT or ROLLBACK, but not if BEGIN or both of these fail.
    const releaseLater = () => setTimeout(() => held.has(client) && client.release(true), RELEASE_DELAY_MS);
    held.set(client, releaseLater);
    client.once('end', releaseLater);
    setIdleTimeout(client, statementTimeoutMs);
  });
  pool.on('release', (_, client) => {
    const releaseLater = held.get(client);
    if (releaseLater) client.off('end', releaseLater);
    held.delete(client);
    setIdleTimeout(client, 0);
  });
}
