/** Collects what the API, the database, the backends and the servers recorded about one generation. */

import type { Cluster } from './cluster.js';
import type { Records } from './records.js';

const LOG_LINES = 12;
/** Includes a backend's other events shortly before and after. */
const AROUND_MS = 2_000;

export function evidenceOf(id: string, { replicas }: Cluster, { shown, prompts, journals }: Records): string {
  const own = prompts.filter(({ generationId }) => generationId === id);
  const ids = new Set(own.map((prompt) => prompt.id));
  const lines = [`API: ${JSON.stringify([...shown.values()].flat().find((each) => each.id === id) ?? null)}`];
  for (const prompt of own) lines.push(`prompt: ${JSON.stringify(prompt)}`);
  for (const { backend, lines: journal } of journals) {
    const times = journal.filter(({ promptId }) => promptId !== undefined && ids.has(promptId)).map(({ at }) => at);
    const [from, to] = [Math.min(...times) - AROUND_MS, Math.max(...times) + AROUND_MS];
    for (const line of journal)
      if (line.promptId === undefined ? line.at >= from && line.at <= to : ids.has(line.promptId))
        lines.push(`${backend}: ${JSON.stringify(line)}`);
  }
  const from = Math.min(...own.map(({ createdAt }) => createdAt));
  const to = Math.max(...own.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  for (const { name, exits } of replicas)
    for (const { at, how } of exits) if (at >= from && at <= to) lines.push(`${name} ended at ${at}: ${how}`);
  for (const replica of replicas)
    for (const line of replica.linesWith(id).slice(-LOG_LINES)) lines.push(`${replica.name}: ${line}`);
  return lines.join('\n');
}
