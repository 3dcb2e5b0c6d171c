/** What happens to the generations of an account that is disabled or deleted. */
import type { OwnedGenerations } from '../accounts/context.js';
import type { Runner } from '../runner/runner.js';
import type { Updates } from './live/updates.js';
import { markAllDeleted, requestCancelOf } from './transitions.js';
import type { Cleaner } from './upkeep/cleaner.js';

type Services = { runner: Runner; updates: Updates; cleaner: Cleaner };

export const createOwnedGenerations = ({ runner, updates, cleaner }: Services): OwnedGenerations => ({
  requestCancel: requestCancelOf,
  markDeleted: markAllDeleted,
  notifyStopped: (ids, userId) => {
    for (const id of ids) {
      runner.stop(id);
      updates.publish({ id, userId });
    }
  },
  sweep: () => cleaner.sweep(),
});
