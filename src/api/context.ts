/** What an operation knows: who asks, a unit of work of its own, and the long-lived parts of the server. */
import type { MikroORM, SqlEntityManager } from '@mikro-orm/postgresql';
import type { Revocations } from '../accounts/sessions/revocations.js';
import type { Sessions } from '../accounts/sessions/sessions.js';
import type { Registration } from '../accounts/sign-up.js';
import type { Viewer } from '../accounts/viewer.js';
import type { Backends } from '../backends/backends.js';
import { createLoaders, type Loaders } from '../generations/api/loaders.js';
import type { QueueLimits } from '../generations/create/queue-limits.js';
import type { Updates } from '../generations/live/updates.js';
import type { Cleaner } from '../generations/upkeep/cleaner.js';
import type { History } from '../generations/upkeep/comfyui-history.js';
import type { AddressOf } from '../limits/client-address.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { RunningLimits } from '../runner/claims.js';
import type { Runner } from '../runner/runner.js';
import type { SignedUrls } from '../storage/signed-urls.js';
import type { Storage } from '../storage/storage.js';

/** Made once, in `app.ts`. */
export type Services = {
  orm: MikroORM;
  sessions: Sessions;
  /** Where a request comes from. */
  addressOf: AddressOf;
  revocations: Revocations;
  backends: Backends;
  runner: Runner;
  updates: Updates;
  cleaner: Cleaner;
  history: History;
  storage: Storage;
  signedUrls: SignedUrls;
  /** The model that is used when nobody chooses one. */
  configuredModel: string | undefined;
  registration: Registration;
  queueLimits: QueueLimits;
  runningLimits: RunningLimits;
  rateLimits: RateLimits;
};

export type Context = Services & {
  /** Undefined for nobody. Resolvers that need somebody call `requireViewer`. */
  viewer: Viewer | undefined;
  em: SqlEntityManager;
  loaders: Loaders;
  /** Also in the log, and in every answer that hides an error of ours. */
  requestId: string;
  /** The IP address that it comes from. */
  address: string;
  /** How the client names itself; null where it does not, and in what a subscription returns. */
  userAgent: string | null;
};

export function createContext(
  services: Services,
  viewer: Viewer | undefined,
  requestId: string,
  address: string,
  userAgent: string | null = null,
): Context {
  const em = services.orm.em.fork();
  return { ...services, viewer, em, loaders: createLoaders(em, services), requestId, address, userAgent };
}
