/** For whoever runs this server: does the process live, and can it work. */
import { setTimeout } from 'node:timers/promises';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Router } from 'express';

/** Whoever asks may not wait for long. */
const ANSWER_WITHIN_MS = 2_000;

export function health(orm: MikroORM, isReady: () => boolean): Router {
  const router = Router();
  router.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  // ComfyUI is not asked: without it, work is still accepted.
  router.get('/readyz', async (_, response) => {
    const tooLate = setTimeout(ANSWER_WITHIN_MS, false, { ref: false });
    const isUp = isReady() && (await Promise.race([orm.isConnected(), tooLate]));
    response.status(isUp ? 200 : 503).json({ status: isUp ? 'ok' : 'unavailable' });
  });
  return router;
}
