/** What the API, the database, the backends and the servers say of one generation, to find out what went wrong with it. */
import type { Records } from './records.js';
import type { World } from './world.js';

const LOG_LINES = 12;
/** What else a backend did shortly before and after belongs to the story. */
const AROUND_MS = 2_000;

export function evidenceOf(id: string, { replicas }: World, { shown, prompts, books }: Records): string {
  const own = prompts.filter(({ generationId }) => generationId === id);
  const ids = new Set(own.map((prompt) => prompt.id));
  const lines = [`API: ${JSON.stringify([...shown.values()].flat().find((each) => each.id === id) ?? null)}`];
  for (const prompt of own) lines.push(`prompt: ${JSON.stringify(prompt)}`);
  for (const { backend, lines: journal } of books) {
    const times = journal.filter(({ promptId }) => promptId !== undefined && ids.has(promptId)).map(({ at }) => at);
    const [from, to] = [Math.min(...times) - AROUND_MS, Math.max(...times) + AROUND_MS];
    for (const line of journal)
      if (line.promptId === undefined ? line.at >= from && line.at <= to : ids.has(line.promptId))
        lines.push(`${backend}: ${JSON.stringify(line)}`);
  }
  const from = Math.min(...own.map(({ createdAt }) => createdAt));
  const to = Math.max(...own.map(({ endedAt }) => endedAt ?? Number.POSITIVE_INFINITY));
  for (const { name, endings } of replicas)
    for (const { at, how } of endings) if (at >= from && at <= to) lines.push(`${name} ended at ${at}: ${how}`);
  for (const replica of replicas)
    for (const line of replica.linesWith(id).slice(-LOG_LINES)) lines.push(`${replica.name}: ${line}`);
  return lines.join('\n');
}
