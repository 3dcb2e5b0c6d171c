/** The part of an operation's context that accounts use. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Reads } from '../db/reads.js';
import type { RateLimits } from '../limits/rate-limits.js';
import type { Revocations } from './sessions/revocations.js';
import type { SessionChecks } from './sessions/session-checks.js';
import type { Sessions } from './sessions/sessions.js';
import type { Registration } from './sign-up.js';
import type { Viewer } from './viewer.js';

export type ViewerContext = {
  /** Undefined for an anonymous caller. */
  viewer: Viewer | undefined;
  em: SqlEntityManager;
  reads: Reads;
};

export type AccountsContext = ViewerContext & {
  sessions: Sessions;
  sessionChecks: SessionChecks;
  revocations: Revocations;
  registration: Registration;
  rateLimits: RateLimits;
  ownedGenerations: OwnedGenerations;
  /** The IP address of the caller. */
  address: string;
  /** The client's User-Agent; null if it sends none. */
  userAgent: string | null;
};

/** Stops or deletes the generations of an account, in the transaction that disables or deletes the account. */
export type StopGenerations = (em: SqlEntityManager, userId: string) => Promise<string[]>;

/** The generations of an account. `generations` implements it, because accounts must not import that room. */
export type OwnedGenerations = {
  /** @returns the ids of the generations to stop */
  requestCancel: StopGenerations;
  /** @returns the ids of the deleted generations */
  markDeleted: StopGenerations;
  /** Notifies jobs and watchers after the commit. */
  notifyStopped(ids: readonly string[], userId: string): void;
  /** Starts to remove the files of deleted generations. */
  sweep(): void;
};
