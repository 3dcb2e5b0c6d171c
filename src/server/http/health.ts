/** Health checks for operators: `/healthz` (the process is alive) and `/readyz` (it can serve requests, or why it cannot). */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Router } from 'express';
import type { AdaptivePool } from '../../db/adaptive-pool.js';

/** Load balancers give up after a few seconds. */
const DATABASE_TIMEOUT_MS = 2_000;

export function health(orm: MikroORM, isReady: () => boolean, adaptivePool: Pick<AdaptivePool, 'fault'>): Router {
  const router = Router();
  router.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  // ComfyUI does not count: without it the server still accepts generations.
  router.get('/readyz', async (_, response) => {
    const reason = await unreadiness(orm, isReady);
    if (reason !== undefined) response.status(503).json({ status: 'unavailable', reason });
    // With too few connections requests take longer, and succeed.
    else response.json({ status: 'ok', reason: adaptivePool.fault });
  });
  return router;
}

/** The path is public: the reason contains no address and no message of PostgreSQL. */
async function unreadiness(orm: MikroORM, isReady: () => boolean): Promise<string | undefined> {
  if (!isReady()) return 'The server is shutting down';
  const timeout = setTimeout(DATABASE_TIMEOUT_MS, 'timeout' as const, { ref: false });
  const isConnected = await Promise.race([orm.isConnected(), timeout]);
  if (isConnected === 'timeout')
    return `PostgreSQL did not respond, or no connection was free, within ${DATABASE_TIMEOUT_MS} ms`;
  return isConnected ? undefined : 'PostgreSQL cannot be reached';
}
