/** A statement to PostgreSQL, or its response, is lost: no caller waits for ever. */
import { poolOf } from '../../src/db/adaptive-pool.js';
import { guardPool } from '../../src/db/guard-pool.js';
import { openDatabase } from '../../src/orm.js';
import { TIMINGS } from '../../src/process/timings.js';
import { createDatabase } from '../support/database.js';
import { startTunnel } from '../support/tunnel.js';

const POOL_SIZE = 2;

test.each(['statement', 'response'] as const)(
  'a connection whose first %s is lost fails in time and releases its place in the pool',
  async (first) => {
    const database = await createDatabase();
    const tunnel = await startTunnel(database.url);
    const timings = { ...TIMINGS, connectionTimeoutMs: 200, statementTimeoutMs: 400 };
    const orm = await openDatabase(tunnel.url, timings, POOL_SIZE);
    try {
      await guardPool(orm, timings);
      const pool = await poolOf(orm);
      // Holds the connection that the pool has opened before.
      const other = await pool.connect();
      for (let nth = 1; nth <= POOL_SIZE; nth += 1) {
        tunnel.swallowAt('set idle_in_transaction_session_timeout', first);
        await expect(orm.em.fork().execute('select')).rejects.toThrow();
        expect(tunnel.isSwallowing).toBe(true);
        tunnel.heal();
      }
      expect(await orm.em.fork().execute('select 1 as one')).toEqual([{ one: 1 }]);
      other.release();
    } finally {
      tunnel.close();
      await orm.close();
      await database.drop();
    }
  },
);
