/**
 * The one report of a change. Commands, jobs and sweeps call it after the commit. It notifies live updates, metrics and the runner. A lost
 * report costs seconds, because updates and the runner also poll, and is missing in the metrics.
 */
import type { Runner } from '../runner/runner.js';
import type { Ended, GenerationMetrics } from './generation-metrics.js';
import type { Updates } from './live/updates.js';

type ChangedGeneration = { id: string; userId: string };

/** What the report of a job's own moves notifies: live updates and metrics. */
export type MoveReport = { updates: Pick<Updates, 'publish'>; metrics: Pick<GenerationMetrics, 'created' | 'ended'> };
/** Also the runner: commands start and stop jobs. */
export type CommandReport = MoveReport & { runner: Pick<Runner, 'announce' | 'stop'> };

type Report =
  /** A job, the runner or a timeout moved the generation. */
  | [kind: 'moved', services: MoveReport]
  /** `stopping`: the user canceled or deleted the generation. */
  | [kind: 'created' | 'stopping', services: CommandReport];

/** @param generation as the statement that moved it returned it, so that its end is counted once */
export function changed(generation: ChangedGeneration & Partial<Ended>, ...[kind, services]: Report): void {
  const { id, userId } = generation;
  services.updates.publish({ id, userId }, kind === 'created');
  if (kind === 'created') services.metrics.created();
  if (isEnd(generation)) services.metrics.ended(generation);
  if (kind === 'created') services.runner.announce();
  if (kind === 'stopping') services.runner.stop(id);
}

const isEnd = (moved: Partial<Ended>): moved is Ended => moved.isEnded === true;
