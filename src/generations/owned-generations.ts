/** Stops or deletes the generations of an account that is disabled or deleted. */
import type { OwnedGenerations } from '../accounts/context.js';
import { type CommandReport, changed } from './report-change.js';
import { markAllDeleted, requestCancelOf } from './transitions.js';
import type { Cleaner } from './upkeep/cleaner.js';

export const createOwnedGenerations = (services: CommandReport & { cleaner: Cleaner }): OwnedGenerations => ({
  requestCancel: requestCancelOf,
  markDeleted: markAllDeleted,
  notifyStopped: (ids, userId) => {
    for (const id of ids) changed({ id, userId }, 'stopping', services);
  },
  sweep: () => services.cleaner.sweep(),
});
