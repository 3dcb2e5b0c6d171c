/** Helpers for tests of generations: create and follow them, and inspect the simulator and the database. */
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createClient } from 'graphql-ws';
import type pg from 'pg';
import WebSocket from 'ws';
import { blobOf } from '../../src/assets/derived.js';
import type { Graph } from '../../src/comfyui/index.js';
import { type PromptRecord, type Simulator, startSimulator } from '../../src/simulator/index.js';
import type { TestApp } from '../support/app.js';
import type { Answer, Client, Variables } from '../support/client.js';
import type { TestTimings } from '../support/timings.js';
import { until } from '../support/until.js';

export type ImageSnapshot = {
  id: string;
  url: string;
  width: number;
  height: number;
  contentType: string;
  byteSize: number;
};

/** A generation as its owner reads it. */
export type Snapshot = {
  id: string;
  status: string;
  revision: number;
  attempt: number;
  seed: string | null;
  parameters: Record<string, unknown>;
  model: { name: string } | null;
  queuePosition: number | null;
  startedAt: string | null;
  completedAt: string | null;
  errorMessage: string | null;
  failure: {
    code: string;
    message: string;
    nodeId: string | null;
    nodeType: string | null;
    retryable: boolean;
  } | null;
  progress: {
    fraction: number;
    nodesDone: number;
    nodesTotal: number;
    node: string | null;
    step: number | null;
    totalSteps: number | null;
    previewUrl: string | null;
    updatedAt: string;
  } | null;
  result: { id: string; images: ImageSnapshot[] } | null;
};

const FIELDS = `
  id status revision attempt seed parameters model { name } queuePosition startedAt completedAt errorMessage
  failure { code message nodeId nodeType retryable }
  progress { fraction nodesDone nodesTotal node step totalSteps previewUrl updatedAt }
  result { id images { id url width height contentType byteSize } }`;

const CREATE = `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { ${FIELDS} } }`;
const READ = `query ($id: ID!) { generation(id: $id) { ${FIELDS} } }`;
const CANCEL = `mutation ($id: ID!) { cancelGeneration(id: $id) { ${FIELDS} } }`;
const DELETE = `mutation ($id: ID!) { deleteGeneration(id: $id) }`;
const LIST = `query { generations(first: 100) { nodes { id } totalCount } }`;
const WATCH = `subscription ($id: ID!) { generationUpdated(id: $id) { ${FIELDS} } }`;
const WATCH_ALL = `subscription ($after: String) { generationsUpdated(after: $after) { kind id: generationId cursor generation { ${FIELDS} } } }`;

/** Points of the simulator on the way of a generation, in order. */
export const POINTS = [
  'prompt:before',
  'prompt:after',
  'start',
  'node',
  'step',
  'success',
  'history',
  'view:before',
  'view:half',
  'view:after',
] as const;

/** Short intervals for tests in which ComfyUI loses or delays something. Leases and request timeouts keep their length. */
export const QUICK = {
  sweepIntervalMs: 100,
  promptRetryDelayMs: 20,
  outputRetryDelayMs: 10,
  queueTimeoutIntervalMs: 100,
  backendCheckIntervalMs: 100,
  comfyui: { recheckIntervalMs: 100, inFlightTimeoutMs: 100 },
} satisfies TestTimings;

/** An input that is quick to execute. */
export const SMALL = { prompt: 'a hill', width: 64, height: 64, steps: 2 };

const FINAL = ['COMPLETED', 'FAILED', 'CANCELED'];
export const isFinal = ({ status }: Snapshot): boolean => FINAL.includes(status);

/** Returns the data of a response; throws on errors. */
export async function dataOf(answer: Promise<Answer>): Promise<Answer['data']> {
  const { data, errors } = await answer;
  if (errors) throw new Error(`The response has errors: ${JSON.stringify(errors)}`);
  return data;
}

export const codeOf = async (answer: Promise<Answer>): Promise<unknown> => (await answer).errors?.[0]?.extensions.code;

export const tryCreate = (client: Client, input: Variables): Promise<Answer> => client.ask(CREATE, { input });
export const tryRead = (client: Client, id: string): Promise<Answer> => client.ask(READ, { id });
export const tryRemove = (client: Client, id: string): Promise<Answer> => client.ask(DELETE, { id });

export const create = async (client: Client, input: Variables = {}): Promise<Snapshot> =>
  (await dataOf(tryCreate(client, { ...SMALL, ...input }))).createGeneration;

export const read = async (client: Client, id: string): Promise<Snapshot> =>
  (await dataOf(tryRead(client, id))).generation;

export const cancel = async (client: Client, id: string): Promise<Snapshot> =>
  (await dataOf(client.ask(CANCEL, { id }))).cancelGeneration;

const interruptsOf = ({ simulators }: TestApp): number =>
  simulators.reduce((sum, { journal }) => sum + journal.requests('POST /interrupt'), 0);

/** Resolves once ComfyUI has the interrupt that `act` causes: from then on a running prompt cannot succeed, not even when it is released. */
export async function interrupting<Result>(app: TestApp, act: () => Promise<Result>): Promise<Result> {
  const before = interruptsOf(app);
  const result = await act();
  await until(() => interruptsOf(app) > before, 'the interrupt');
  return result;
}

/** Cancels a generation while its prompt runs in a held ComfyUI, and waits for the interrupt. */
export async function interrupt(app: TestApp, client: Client, id: string): Promise<Snapshot> {
  await reaches(app, id, 'running');
  return await interrupting(app, () => cancel(client, id));
}

export const remove = async (client: Client, id: string): Promise<string> =>
  (await dataOf(tryRemove(client, id))).deleteGeneration;

export async function list(client: Client): Promise<{ ids: string[]; totalCount: number }> {
  const { nodes, totalCount } = (await dataOf(client.ask(LIST))).generations;
  return { ids: nodes.map(({ id }: Snapshot) => id), totalCount };
}

/** Waits for the status; throws at once on another final status. */
export async function becomes(client: Client, id: string, status: string): Promise<Snapshot> {
  const look = async () => {
    const now = await read(client, id);
    if (now.status === status) return now;
    if (isFinal(now)) throw new Error(`Expected status ${status}, got ${now.status}: ${JSON.stringify(now.failure)}`);
    return undefined;
  };
  return await until(look, `the generation to be ${status}`);
}

/** Waits for any final status. */
export const finishes = (client: Client, id: string): Promise<Snapshot> =>
  until(async () => {
    const now = await read(client, id);
    return isFinal(now) && now;
  }, 'the generation to end');

/** Expects a consistent final generation: a result with images that can be fetched exactly when it is COMPLETED, a failure when FAILED. */
export async function expectTrueEnd(app: TestApp, end: Snapshot): Promise<void> {
  expect(isFinal(end)).toBe(true);
  expect(end.completedAt).not.toBeNull();
  expect(end.progress).toBeNull();
  expect(end.result === null).toBe(end.status !== 'COMPLETED');
  expect(end.failure === null).toBe(end.status !== 'FAILED');
  for (const { url, byteSize } of end.result?.images ?? []) {
    const answer = await fetch(app.url + url);
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBe(byteSize);
  }
}

export type Following<Event> = {
  /** The events so far, in order. */
  seen: Event[];
  /** Resolves when the stream completes; rejects when it ends with an error. */
  ended: Promise<void>;
  /** Unsubscribes. */
  leave(): Promise<void>;
};

export type Change = { kind: string; id: string | null; cursor: string; generation: Snapshot | null };

export const follow = (app: { url: string }, client: Client, id: string): Following<Snapshot> =>
  subscribe(app.url, client.token, WATCH, { id }, (data) => data.generationUpdated);

/** Resolves once the server has the subscription: later changes are reported. */
export async function followAll(app: { url: string }, client: Client, after?: string): Promise<Following<Change>> {
  const following = subscribe<Change>(app.url, client.token, WATCH_ALL, { after }, (data) => data.generationsUpdated);
  await following.greeted;
  return following;
}

/** Changes this generation without a hint until the stream reports it: from then on the stream has a known position. */
export const begins = (app: TestApp, following: Following<Change>, id: string): Promise<unknown> =>
  until(async () => {
    await sql(app, 'update generations set updated_at = now(), revision = revision + 1 where id = $1', [id]);
    return following.seen.some((change) => change.id === id);
  }, 'the stream to report changes');

function subscribe<Event>(
  url: string,
  token: string | undefined,
  query: string,
  variables: Variables,
  eventOf: (data: Answer['data']) => Event,
): Following<Event> & { greeted: Promise<unknown> } {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    connectionParams: { authorization: `Bearer ${token}` },
  });
  const seen: Event[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    client.subscribe<Answer['data']>(
      { query, variables },
      {
        next: ({ data, errors }) => (errors ? reject(new Error(JSON.stringify(errors))) : seen.push(eventOf(data))),
        error: (error) => reject(Array.isArray(error) ? new Error(JSON.stringify(error)) : error),
        complete: resolve,
      },
    );
  }).finally(() => client.dispose());
  ended.catch(() => {});
  // Operations of a socket start in order: the response to this one shows that the server has the subscription.
  const greeted = new Promise((resolve, reject) =>
    client.subscribe({ query: '{ __typename }' }, { next: resolve, error: reject, complete: () => {} }),
  );
  greeted.catch(() => {});
  return { seen, ended, greeted, leave: async () => client.dispose() };
}

export const sql = <Row extends pg.QueryResultRow>(
  app: TestApp,
  statement: string,
  values: unknown[] = [],
): Promise<Row[]> => app.database.query<Row>(statement, values);

/** The prompt ids of a generation, one per attempt. */
export const promptsOf = async (app: TestApp, id: string): Promise<string[]> =>
  (await sql<{ id: string }>(app, 'select id from prompts where generation_id = $1 order by attempt', [id])).map(
    (row) => row.id,
  );

/** Waits until no prompt of the generation may be in ComfyUI. */
export const settles = (app: TestApp, id: string): Promise<unknown> =>
  until(
    async () =>
      (await sql(app, 'select from prompts where generation_id = $1 and ended_at is null', [id])).length === 0,
    'its prompts to be gone from ComfyUI',
  );

/** Waits until no generation waits and no prompt is open: from then on no files are written or removed. */
export const comesToRest = (app: TestApp): Promise<unknown> =>
  until(
    async () =>
      (
        await sql(
          app,
          `select from generations g left join prompts p on p.generation_id = g.id and p.ended_at is null
           where g.waiting or p.id is not null limit 1`,
        )
      ).length === 0,
    'all work to finish',
  );

/** Sums what the simulators counted for all attempts of a generation. */
export async function journalOf(app: TestApp, id: string): Promise<PromptRecord> {
  const sum: PromptRecord = { received: 0, executed: 0, succeeded: 0, failed: 0, interrupted: 0, deleted: 0 };
  const ids = await promptsOf(app, id);
  for (const { journal } of app.simulators)
    for (const promptId of ids)
      for (const [key, count] of Object.entries(journal.snapshot().prompts[promptId] ?? {}))
        sum[key as keyof PromptRecord] += count;
  return sum;
}

/** The prompt ids in a ComfyUI's own queue. */
export async function queueOf({ url }: Simulator): Promise<{ running: string[]; pending: string[] }> {
  const queue = (await (await fetch(`${url}/queue`)).json()) as Record<string, [number, string][]>;
  const ids = (name: string) => (queue[name] ?? []).map(([, id]) => id);
  return { running: ids('queue_running'), pending: ids('queue_pending') };
}

/** Waits until the prompt runs in a ComfyUI, or is in its queue. Returns the prompt id. */
export const reaches = (app: TestApp, id: string, state: 'running' | 'pending'): Promise<string> =>
  until(async () => {
    const promptId = (await promptsOf(app, id)).at(-1);
    if (promptId === undefined) return false;
    const queues = await Promise.all(app.simulators.map(queueOf));
    return queues.some((queue) => queue[state].includes(promptId)) && promptId;
  }, `the prompt to be ${state} in ComfyUI`);

/** Fills a held ComfyUI with two prompts: one runs, one is pending. Later generations wait for a slot. */
export async function occupy(app: TestApp, client: Client, input: Variables = {}): Promise<[Snapshot, Snapshot]> {
  const runs = await create(client, input);
  // In sequence: of two concurrent submissions either may be first.
  await reaches(app, runs.id, 'running');
  const isNext = await create(client, input);
  await reaches(app, isNext.id, 'pending');
  return [runs, isNext];
}

const NAMED_BY = `
  select unnest(array[i.file, f.file, f.poster]) as file from results r left join images i on i.result_id = r.id left join files f on f.result_id = r.id
  where r.generation_id = $1
  union select file from generation_inputs where generation_id = $1`;

/** The keys of all stored files. */
export async function storedFiles(app: TestApp): Promise<string[]> {
  const folder = join(String(app.env.DATA_DIR), 'pictures');
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((key) => !key.startsWith('.'));
}

/** The keys of the files of a generation's result and inputs. */
export const keysOf = async (app: TestApp, id: string): Promise<string[]> =>
  (await sql<{ file: string | null }>(app, NAMED_BY, [id])).flatMap(({ file }) => file ?? []);

/** Those that are on the disk. */
export async function filesOf(app: TestApp, id: string): Promise<string[]> {
  const stored = await storedFiles(app);
  return (await keysOf(app, id)).filter((key) => stored.includes(key));
}

/** The keys of stored files that no row names, and of rows whose file is missing. */
export async function strayFiles(app: TestApp): Promise<string[]> {
  const rows = (await sql<{ file: string }>(app, 'select file from blobs')).map(({ file }) => file);
  // Thumbnails belong to their image.
  const stored = (await storedFiles(app)).filter((key) => blobOf(key) === key || !rows.includes(blobOf(key)));
  return [...stored.filter((key) => !rows.includes(key)), ...rows.filter((key) => !stored.includes(key))];
}

/** Waits until every file has a row, and every row its file. */
export const filesSettle = (app: TestApp): Promise<unknown> =>
  until(async () => (await strayFiles(app)).length === 0, 'the storage to have exactly the files of rows');

/** Replaces ComfyUI with one that lacks a model, and resolves once the server knows. The caller closes the returned simulator. */
export async function losesModel(app: TestApp, client: Client, model: string, left: string[]): Promise<Simulator> {
  await app.simulator.close();
  const stateOf = async () => (await dataOf(client.ask('{ backends { state } }'))).backends[0].state;
  await until(async () => (await stateOf()) === 'OFFLINE', 'the backend to be OFFLINE');
  const { port } = new URL(app.simulator.url);
  const simulator = await startSimulator({ port: Number(port), stepMs: 5, checkpoints: left });
  await until(
    async () => (await codeOf(tryCreate(client, { ...SMALL, model }))) === 'BAD_USER_INPUT',
    'the model to be unknown',
  );
  return simulator;
}

/** The graph that the simulator executed for an ended generation. */
export async function executedGraph(app: TestApp, id: string): Promise<Graph> {
  const [promptId = ''] = await promptsOf(app, id);
  const history = (await (await fetch(`${app.simulator.url}/history/${promptId}`)).json()) as Record<
    string,
    { prompt: [number, string, Graph] }
  >;
  const [, , graph] = history[promptId]?.prompt ?? [];
  if (!graph) throw new Error(`The simulator has no prompt of ${id}`);
  return graph;
}
