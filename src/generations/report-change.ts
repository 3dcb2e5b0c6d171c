/**
 * The one report of a change. Commands, jobs and sweeps call it after the commit. It notifies live updates and the runner. A lost report
 * costs seconds, because both also poll.
 */
import type { Runner } from '../runner/runner.js';
import type { Updates } from './live/updates.js';

type ChangedGeneration = { id: string; userId: string };

/** What the report of a job's own moves notifies: live updates. */
export type MoveReport = { updates: Pick<Updates, 'publish'> };
/** Also the runner: commands start and stop jobs. */
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
