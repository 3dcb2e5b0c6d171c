/** Decides whether injected faults explain how a generation ended. */
import type { Creation } from './creation.js';
import { executionsOf, hasForgotten, isSpoiled } from './executions.js';
import type { Prompt } from './records.js';
import type { Evidence } from './verdict.js';

/** How often a server sends a prompt that backends lose or fail. */
const MAX_ATTEMPTS = 3;
/** After this many crashes on one job, the server gives it up. */
const MAX_DEATHS = 5;

export function mayFail(
  { fails }: Creation,
  code: string,
  prompts: readonly Prompt[],
  { records, deaths, failures }: Evidence,
): boolean {
  // After MAX_DEATHS kills during one job, servers treat the job as the cause, as documented.
  if (code === 'INTERNAL') return prompts.some((prompt) => deathsOver(prompt, deaths) >= MAX_DEATHS);
  const spoiled = executionsOf(
    prompts.map(({ id }) => id),
    records.journals,
  ).filter((execution) => isSpoiled(execution, failures));
  const lost = prompts.filter(
    ({ id, backend, createdAt, endedAt }) =>
      !spoiled.some(({ promptId }) => promptId === id) &&
      hasForgotten(records.journals, backend, createdAt, endedAt ?? Number.POSITIVE_INFINITY),
  );
  const isGivenUp = lost.length + spoiled.length >= MAX_ATTEMPTS;
  if (code === 'EXECUTION_ERROR') return fails || (spoiled.length > 0 && isGivenUp);
  return code === 'BACKEND_LOST' && lost.length > 0 && isGivenUp;
}

const deathsOver = ({ createdAt, endedAt }: Prompt, deaths: readonly number[]): number =>
  deaths.filter((at) => at >= createdAt && at <= (endedAt ?? Number.POSITIVE_INFINITY)).length;

/** Whether it was executed while its backend was not armed to fail. */
export const wasUnarmed = (prompts: readonly Prompt[], { records, unarmed }: Evidence): boolean =>
  executionsOf(
    prompts.map(({ id }) => id),
    records.journals,
  ).some(({ backend, at }) => unarmed.get(backend)?.some(({ from, to }) => at >= from - STEPS_MS && at <= to));

/** Maximum time from the start of an execution to its failing step. */
const STEPS_MS = 1_000;
