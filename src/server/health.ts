/** For whoever runs this server: does the process live, and can it work. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { Router } from 'express';

export function health(orm: MikroORM, isReady: () => boolean): Router {
  const router = Router();
  router.get('/healthz', (_, response) => void response.json({ status: 'ok' }));
  // ComfyUI is not asked: without it, work is still accepted.
  router.get('/readyz', async (_, response) => {
    const isUp = isReady() && (await orm.isConnected());
    response.status(isUp ? 200 : 503).json({ status: isUp ? 'ok' : 'unavailable' });
  });
  return router;
}
