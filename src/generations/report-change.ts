/**
 * The one report of a change. Commands, jobs and sweeps call it after the commit; live updates and the runner hang on it. A report that is
 * lost costs seconds: both also poll.
 */
import type { Runner } from '../runner/runner.js';
import type { Updates } from './live/updates.js';

export type ChangedGeneration = { id: string; userId: string };

/** Live updates: all that the report of a job's own moves needs. */
export type MoveReport = { updates: Pick<Updates, 'publish'> };
/** The runner as well: commands start and stop jobs. */
export type CommandReport = MoveReport & { runner: Pick<Runner, 'announce' | 'stop'> };

type Report =
  /** A job, the runner or a timeout moved the generation. */
  | [kind: 'moved', services: MoveReport]
  /** `stopping`: the user canceled or deleted the generation. */
  | [kind: 'created' | 'stopping', services: CommandReport];

export function changed({ id, userId }: ChangedGeneration, ...[kind, services]: Report): void {
  services.updates.publish({ id, userId }, kind === 'created');
  if (kind === 'created') services.runner.announce();
  if (kind === 'stopping') services.runner.stop(id);
}
