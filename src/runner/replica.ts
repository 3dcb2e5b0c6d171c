/**
 * This process among those that share the database. It has a boot number and holds an advisory lock on it while its connection lives:
 * a free lock shows the other processes at once that this one is gone.
 */
import { randomInt } from 'node:crypto';
import type { PinnedConnection } from '../db/pinned-connection.js';

/** First key of the lock; the second is the boot number. */
export const LOCK_CLASS = 0x636f6d66;
const MAX_NUMBER = 2 ** 31 - 1;

export class Replica {
  #number = 0;

  constructor(connection: PinnedConnection) {
    connection.onOpen(async (client) => {
      const number = randomInt(1, MAX_NUMBER);
      await client.query('select pg_advisory_lock($1, $2)', [LOCK_CLASS, number]);
      this.#number = number;
    });
  }

  /** Changes when the connection breaks: other processes may take what the old number held. 0 before it is open. */
  get number(): number {
    return this.#number;
  }
}
