/** What operations on accounts need of the context of an operation. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { RateLimits } from '../limits/rate-limits.js';
import type { Revocations } from './sessions/revocations.js';
import type { Sessions } from './sessions/sessions.js';
import type { Registration } from './sign-up.js';
import type { Viewer } from './viewer.js';

export type ViewerContext = {
  /** Undefined for an anonymous caller. */
  viewer: Viewer | undefined;
  em: SqlEntityManager;
};

export type AccountsContext = ViewerContext & {
  sessions: Sessions;
  revocations: Revocations;
  registration: Registration;
  rateLimits: RateLimits;
  ownedGenerations: OwnedGenerations;
  /** The IP address of the caller. */
  address: string;
  /** The client's User-Agent; null where it sends none, and in events of a subscription. */
  userAgent: string | null;
};

/** Stops or deletes the generations of an account, in the transaction that disables or deletes the account. */
export type StopGenerations = (em: SqlEntityManager, userId: string) => Promise<string[]>;

/** The generations of an account: this room does not know them, and `generations` implements it. */
export type OwnedGenerations = {
  /** @returns the ids of the generations that are to stop */
  requestCancel: StopGenerations;
  /** @returns the ids of the generations that are to be removed */
  markDeleted: StopGenerations;
  /** Notifies jobs and watchers after the commit. */
  notifyStopped(ids: readonly string[], userId: string): void;
  /** Starts to remove the files of deleted generations. */
  sweep(): void;
};
