/** Reads what there is to judge by: the API's own answers, the backends' journals, the files, and which prompts were whose. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { until } from '../support/until.js';
import { ask } from './ask.js';
import type { User } from './creation.js';
import type { Book } from './executions.js';
import { Random } from './random.js';
import type { World } from './world.js';

export type Picture = { id: string; url: string; byteSize: number };

export type Shown = {
  id: string;
  prompt: string;
  status: string;
  attempt: number;
  revision: number;
  failure: { code: string; message: string } | null;
  result: { images: Picture[] } | null;
};

/** A row of `prompts`: which generation ComfyUI was asked for, by which id. Times in milliseconds since 1970, by the true clock. */
export type Prompt = {
  id: string;
  generationId: string;
  backend: string;
  attempt: number;
  createdAt: number;
  endedAt: number | null;
};

export type Records = {
  /** Of each user, by id. */
  shown: Map<User, Shown[]>;
  books: Book[];
  prompts: Prompt[];
  /** How often a job was taken over from another process. */
  adopted: number;
  /** Folder → files, of all pictures that are kept. */
  files: Map<string, string[]>;
};

const PAGE = `query ($after: String) { generations(first: 100, after: $after) {
  nodes { id prompt status attempt revision failure { code message } result { images { id url byteSize } } }
  pageInfo { hasNextPage endCursor } } }`;

export async function readRecords(world: World, users: readonly User[]): Promise<Records> {
  const shown = new Map<User, Shown[]>();
  for (const user of users) shown.set(user, await readAll(world, user));
  const books = world.backends.map((backend) => ({ backend: backend.address, lines: backend.lines() }));
  return { shown, books, ...(await readPrompts(world)), files: await readFiles(world) };
}

async function readAll(world: World, { token }: User): Promise<Shown[]> {
  const random = new Random(0);
  const all: Shown[] = [];
  for (let after: string | null = null; ; ) {
    const page: { nodes: Shown[]; pageInfo: { hasNextPage: boolean; endCursor: string } } = await until(async () => {
      const reply = await ask(world, random, token, PAGE, { after });
      return reply.came && reply.answer.data?.generations;
    }, 'a page of generations');
    all.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return all;
    after = page.pageInfo.endCursor;
  }
}

async function readPrompts({ databaseUrl }: World): Promise<{ prompts: Prompt[]; adopted: number }> {
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  try {
    const prompts = await database.query<Prompt>(
      `select p.id, p.generation_id as "generationId", b.url as backend, p.attempt,
         (extract(epoch from t.created_at) * 1000)::float8 as "createdAt", (extract(epoch from t.ended_at) * 1000)::float8 as "endedAt"
       from prompts p join true_times t on t.prompt_id = p.id join backends b on b.id = p.backend_id order by t.created_at`,
    );
    // Each claim and each takeover raises the fence by one.
    const adopted = await database.query<{ count: number }>(
      'select ((select sum(fence) from generations) - (select count(*) from prompts))::int as count',
    );
    return { prompts: prompts.rows, adopted: adopted.rows[0]?.count ?? 0 };
  } finally {
    await database.end();
  }
}

export async function readFiles({ pictures }: World): Promise<Map<string, string[]>> {
  const files = new Map<string, string[]>();
  // What is half written is nobody's yet, and is removed when it is ten minutes old.
  const owners = (await readdir(pictures)).filter((name) => !name.startsWith('.'));
  for (const owner of owners) files.set(owner, await readdir(join(pictures, owner)));
  return files;
}
