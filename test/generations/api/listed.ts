/** Forty-five generations of one user, and the expected lists. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { copyGenerations, type Row } from '../../support/rows.js';
import { until } from '../../support/until.js';

export const COUNT = 45;
/** When the first was created, in epoch milliseconds. */
export const START = Date.parse('2026-01-01T00:00:00Z');
export const STATUSES = ['COMPLETED', 'FAILED', 'CANCELED'];
export const PROMPTS = [
  'A beautiful landscape',
  'ВЕЧЕРНЯЯ гора',
  'Ὀδυσσεύς',
  'ΟΔΟΣ ΚΑΙ ΦΩΣ',
  '山と湖',
  '100% \\ _ café',
];
const PENDING_EVERY = 5;

export type Entry = Row & {
  status: string;
  prompt: string;
  workflow_name: string;
  created_at: string;
  completed_at: string | null;
};
export type Order = { field: 'CREATED_AT' | 'COMPLETED_AT'; direction: 'ASC' | 'DESC' };

/** Each three share an instant; every fifth is unfinished. */
export const entries: Entry[] = Array.from({ length: COUNT }, (_, index) => {
  const isFinished = index % PENDING_EVERY !== 0;
  return {
    id: randomUUID(),
    status: isFinished ? String(STATUSES[index % STATUSES.length]) : 'PENDING',
    prompt: String(PROMPTS[index % PROMPTS.length]),
    workflow_name: index % 2 ? 'text-to-image' : 'test-card',
    created_at: new Date(START + Math.floor(index / 3)).toISOString(),
    completed_at: isFinished ? new Date(START + 60_000 - Math.floor(index / 4)).toISOString() : null,
  };
});

/** The ids of the entries in the order of a list. Unfinished sorts after any instant. */
export function sorted({ field, direction }: Order, keep: (entry: Entry) => boolean = () => true): string[] {
  const key = ({ created_at, completed_at, id }: Entry) =>
    `${field === 'CREATED_AT' ? created_at : (completed_at ?? '9999')} ${id}`;
  const ids = entries
    .filter(keep)
    .sort((a, b) => (key(a) < key(b) ? -1 : 1))
    .map(({ id }) => id);
  return direction === 'ASC' ? ids : ids.reverse();
}

export type Listed = {
  app: TestApp;
  /** The owner of the entries. */
  alice: Client & { id: string };
  /** The id of the generation that they are copies of: another user's. */
  original: string;
};

export async function startListed(copies = entries): Promise<Listed> {
  const app = await startTestApp();
  const [owner, alice] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const { data } = await owner.ask('mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }');
  const original: string = data.createGeneration.id;
  await until(async () => {
    const { data } = await owner.ask(`{ generation(id: "${original}") { status } }`);
    return data.generation.status === 'COMPLETED';
  }, 'the original to complete');
  const rows = copies.map((entry) => ({ ...entry, user_id: alice.id }));
  await copyGenerations(app.database.url, original, rows);
  return { app, alice, original };
}

const LIST = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: GenerationFilter, $orderBy: GenerationOrder) {
  generations(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    edges { cursor node { id } } nodes { id } totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

export async function list(client: Client, variables: Record<string, unknown>) {
  const { data, errors } = await client.ask(LIST, variables);
  expect(errors).toBeUndefined();
  return data.generations;
}

export const idsOf = ({ nodes }: { nodes: { id: string }[] }): string[] => nodes.map(({ id }) => id);
