/** Reads the records of a run: the API's generations, the backends' journals, the files and the rows of `prompts`. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../support/until.js';
import type { Cluster } from './cluster.js';
import type { User } from './creation.js';
import type { BackendJournal } from './executions.js';
import { Random } from './random.js';
import { request } from './request.js';

export type Picture = { id: string; url: string; byteSize: number };

export type ShownGeneration = {
  id: string;
  prompt: string;
  status: string;
  attempt: number;
  revision: number;
  failure: { code: string; message: string } | null;
  result: { images: Picture[] } | null;
};

/** A row of `prompts`. Times are in milliseconds since 1970, by the true clock. */
export type Prompt = {
  id: string;
  generationId: string;
  backend: string;
  attempt: number;
  createdAt: number;
  endedAt: number | null;
};

export type Records = {
  /** Generations by user, as the API returns them. */
  shown: Map<User, ShownGeneration[]>;
  journals: BackendJournal[];
  prompts: Prompt[];
  /** How often a job was taken over from another process. */
  adopted: number;
  /** The storage keys of files that no row names, and of rows whose file is missing. */
  strays: string[];
};

const PAGE = `query ($after: String) { generations(first: 100, after: $after) {
  nodes { id prompt status attempt revision failure { code message } result { images { id url byteSize } } }
  pageInfo { hasNextPage endCursor } } }`;

export async function readRecords(cluster: Cluster, users: readonly User[]): Promise<Records> {
  const shown = new Map<User, ShownGeneration[]>();
  for (const user of users) shown.set(user, await readAll(cluster, user));
  const journals = cluster.backends.map((backend) => ({ backend: backend.address, lines: backend.lines() }));
  return { shown, journals, ...(await readPrompts(cluster)), strays: await readStrays(cluster) };
}

async function readAll(cluster: Cluster, { token }: User): Promise<ShownGeneration[]> {
  const random = new Random(0);
  const all: ShownGeneration[] = [];
  for (let after: string | null = null; ; ) {
    const page: { nodes: ShownGeneration[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = await until(
      async () => {
        const reply = await request(cluster, random, token, PAGE, { after });
        return reply.isAnswered && reply.answer.data?.generations;
      },
      'a page of generations',
    );
    all.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return all;
    after = page.pageInfo.endCursor;
  }
}

const readPrompts = ({ databaseUrl }: Cluster): Promise<{ prompts: Prompt[]; adopted: number }> =>
  inDatabase(databaseUrl, async (database) => {
    const prompts = await database.query<Prompt>(
      `select p.id, p.generation_id as "generationId", b.url as backend, p.attempt,
         (extract(epoch from t.created_at) * 1000)::float8 as "createdAt", (extract(epoch from t.ended_at) * 1000)::float8 as "endedAt"
       from prompts p join true_times t on t.prompt_id = p.id join backends b on b.id = p.backend_id order by t.created_at`,
    );
    // Each claim and each takeover increments the fence.
    const adopted = await database.query<{ count: number }>(
      'select ((select sum(fence) from generations) - (select count(*) from prompts))::int as count',
    );
    return { prompts: prompts.rows, adopted: adopted.rows[0]?.count ?? 0 };
  });

async function readStrays({ pictures, databaseUrl }: Cluster): Promise<string[]> {
  const rows = await inDatabase(databaseUrl, (database) => database.query<{ file: string }>('select file from blobs'));
  const named = new Set(rows.rows.map(({ file }) => file));
  // Temporary files are skipped: the server removes them after an hour.
  const owners = (await readdir(pictures)).filter((name) => !name.startsWith('.'));
  const folders = owners.map(async (owner) => (await readdir(join(pictures, owner))).map((name) => `${owner}/${name}`));
  const files = new Set((await Promise.all(folders)).flat());
  return [...[...files].filter((key) => !named.has(key)), ...[...named].filter((key) => !files.has(key))];
}

export async function inDatabase<T>(connectionString: string, work: (database: pg.Client) => Promise<T>): Promise<T> {
  const database = new pg.Client({ connectionString });
  await database.connect();
  try {
    return await work(database);
  } finally {
    await database.end();
  }
}
