/** What the chaos has done that explains how a generation ended. */
import type { Creation } from './creation.js';
import { executionsOf, forgot, isSpoiled } from './executions.js';
import type { Evidence } from './judge.js';
import type { Prompt } from './records.js';

/** So often a prompt that its backend lost or failed is sent. */
const MAX_ATTEMPTS = 3;
/** Over one job so many servers may die before it is given up. */
const MAX_DEATHS = 5;

export function mayFail(
  { fails }: Creation,
  code: string,
  prompts: readonly Prompt[],
  { records, deaths, failures }: Evidence,
): boolean {
  // Killed over one job so often in a row, servers take it for the cause: so it is promised.
  if (code === 'INTERNAL') return prompts.some((prompt) => deathsOver(prompt, deaths) >= MAX_DEATHS);
  const spoiled = executionsOf(
    prompts.map(({ id }) => id),
    records.books,
  ).filter((execution) => isSpoiled(execution, failures));
  const lost = prompts.filter(
    ({ id, backend, createdAt, endedAt }) =>
      !spoiled.some(({ promptId }) => promptId === id) &&
      forgot(records.books, backend, createdAt, endedAt ?? Number.POSITIVE_INFINITY),
  );
  const isGivenUp = lost.length + spoiled.length >= MAX_ATTEMPTS;
  if (code === 'EXECUTION_ERROR') return fails || (spoiled.length > 0 && isGivenUp);
  return code === 'BACKEND_LOST' && lost.length > 0 && isGivenUp;
}

const deathsOver = ({ createdAt, endedAt }: Prompt, deaths: readonly number[]): number =>
  deaths.filter((at) => at >= createdAt && at <= (endedAt ?? Number.POSITIVE_INFINITY)).length;

/** Whether it was executed just as its backend was not armed to fail. */
export const wasSpared = (prompts: readonly Prompt[], { records, gaps }: Evidence): boolean =>
  executionsOf(
    prompts.map(({ id }) => id),
    records.books,
  ).some(({ backend, at }) => gaps.get(backend)?.some(({ from, to }) => at >= from - STEPS_MS && at <= to));

/** From the beginning of an execution to its failing step. */
const STEPS_MS = 1_000;
