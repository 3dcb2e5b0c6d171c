/** For whoever runs this server: does the process live, can it work, and if it cannot, why. */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Router } from 'express';
import type { ConnectionLimit } from '../../db/connection-limit.js';

/** Whoever asks may not wait for long. */
const ANSWER_WITHIN_MS = 2_000;

export function health(orm: MikroORM, isReady: () => boolean, connectionLimit: Pick<ConnectionLimit, 'fault'>): Router {
  const router = Router();
  router.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  // ComfyUI is not asked: without it, work is still accepted.
  router.get('/readyz', async (_, response) => {
    const reason = await unreadiness(orm, isReady);
    if (reason !== undefined) response.status(503).json({ status: 'unavailable', reason });
    // Requests wait for a connection, and are answered.
    else response.json({ status: 'ok', reason: connectionLimit.fault });
  });
  return router;
}

/** Anybody can ask: no address and no words of PostgreSQL's. */
async function unreadiness(orm: MikroORM, isReady: () => boolean): Promise<string | undefined> {
  if (!isReady()) return 'The server is shutting down';
  const tooLate = setTimeout(ANSWER_WITHIN_MS, 'late' as const, { ref: false });
  const isConnected = await Promise.race([orm.isConnected(), tooLate]);
  if (isConnected === 'late')
    return `PostgreSQL did not answer, or no connection was free, within ${ANSWER_WITHIN_MS} ms`;
  return isConnected ? undefined : 'PostgreSQL cannot be reached';
}
