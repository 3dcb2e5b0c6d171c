/** What users do in a storm. Each act is one or a few requests, which are repeated until a server answers. */

import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { upload } from '../../assets/uploads/support.js';
import { dataOf, isFinal, read } from '../../generations/support.js';
import { addressesOf, EVERYTHING, open, type Share, share } from '../../shares/support.js';
import type { Cluster } from '../cluster.js';
import type { Random } from '../random.js';
import { type Account, type Made, urlOf } from './account.js';

export type Acting = {
  account: Account;
  cluster: Cluster;
  random: Random;
  /** Files of users: the same again and again, so that accounts have them more than once. */
  pictures: readonly Buffer[];
  /** Called with the response to each file that was fetched or sent. */
  fetched: (status: number | 'no response', path: string) => void;
};

const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const RETRY = 'mutation ($id: ID!) { retryGeneration(id: $id) { id } }';
const IMAGES = `query ($id: ID!) { generation(id: $id) { result {
  archiveUrl images { id url thumbnailUrl large: thumbnailUrl(width: 1024) } files { url posterUrl } } } }`;
const VIEW_TIMEOUT_MS = 5_000;
const POLL_MS = 100;
/** Most acts need a result; others follow the generation while it runs. */
const LONGEST_WAIT_MS = 10_000;
/** Few, so that the same picture is made again and again. */
const SEEDS = 3;

async function create(acting: Acting, changed: object): Promise<void> {
  const { account, random } = acting;
  const small = { prompt: 'a storm', width: 64, height: 64, steps: 1, seed: String(random.between(1, SEEDS)) };
  const input = { ...small, idempotencyKey: randomUUID(), ...changed };
  const waits = random.chance(0.7);
  const { createGeneration } = await dataOf(account.client.ask(CREATE, { input }));
  await add(acting, createGeneration.id, waits);
}

async function add({ account }: Acting, id: string, waits: boolean): Promise<void> {
  const made: Made = { id, hasEnded: false, isFavorite: false, deleteRequested: false };
  account.made.push(made);
  for (let waited = 0; waits && waited < LONGEST_WAIT_MS; waited += POLL_MS) {
    made.hasEnded = isFinal(await read(account.client, id));
    if (made.hasEnded) return;
    await sleep(POLL_MS);
  }
}

/** Picks among those that nobody has deleted. */
const some = ({ account, random }: Acting, count = 1): Made[] =>
  random.shuffled(account.made.filter(({ deleteRequested }) => !deleteRequested)).slice(0, count);

type Act = (made: Made, acting: Acting) => Promise<unknown>;

const withOne = (act: Act) => async (acting: Acting) => {
  const [made] = some(acting);
  if (made) await act(made, acting);
};

/** Mostly one that may have a result. */
const withEnded = (act: Act) => async (acting: Acting) => {
  const all = some(acting, Number.POSITIVE_INFINITY);
  const made = all.find(({ hasEnded }) => hasEnded) ?? all[0];
  if (made) await act(made, acting);
};

const mutate =
  (mutation: string) =>
  (made: Made, { account }: Acting) =>
    dataOf(account.client.ask(`mutation ($id: ID!) { ${mutation} }`, { id: made.id }));

async function fill(acting: Acting): Promise<string> {
  const { account, cluster, random, pictures } = acting;
  const bytes = random.pick(pictures);
  const { id, url } = await upload(account.client, { byteSize: bytes.length });
  account.uploads.push(id);
  await send(acting, `${urlOf(cluster, random)}${url}`, { method: 'PUT', body: new Uint8Array(bytes) });
  return id;
}

/** A lost response, and a server or an object store that is away, are no faults: the judge sees what they leave. */
async function send({ fetched }: Acting, url: string, init: RequestInit = {}): Promise<void> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(VIEW_TIMEOUT_MS) });
    await response.arrayBuffer();
    fetched(response.status, new URL(url).pathname);
  } catch {
    fetched('no response', url);
  }
}

async function view(acting: Acting, paths: readonly string[]): Promise<void> {
  const { cluster, random } = acting;
  await Promise.all(paths.map((path) => send(acting, `${urlOf(cluster, random)}${path}`)));
}

export const ACTS: Record<string, { weight: number; act: (acting: Acting) => Promise<unknown> }> = {
  create: { weight: 18, act: (acting) => create(acting, { batchSize: acting.random.between(1, 2) }) },
  'create with a film and a sound': {
    weight: 5,
    act: (acting) =>
      create(acting, { prompt: null, width: null, height: null, steps: null, seed: null, graph: EVERYTHING }),
  },
  'upload and create': {
    weight: 8,
    act: async (acting) => create(acting, { source: await fill(acting), denoise: 0.5 }),
  },
  'create from a result': {
    weight: 5,
    act: withEnded(async ({ id }, acting) => {
      const { generation } = await dataOf(acting.account.client.ask(IMAGES, { id }));
      const [image] = generation.result?.images ?? [];
      if (image) await create(acting, { source: image.id, denoise: 0.5 });
    }),
  },
  retry: {
    weight: 3,
    act: withOne(async ({ id }, acting) => {
      // Without a key, a lost response hides the generation that it made.
      const { retryGeneration } = await dataOf(acting.account.client.ask(RETRY, { id }));
      await add(acting, retryGeneration.id, false);
    }),
  },
  cancel: { weight: 4, act: withOne(mutate('cancelGeneration(id: $id) { id }')) },
  delete: {
    weight: 14,
    act: withOne((made, acting) => {
      made.deleteRequested = true;
      return mutate('deleteGeneration(id: $id)')(made, acting);
    }),
  },
  'delete many': {
    weight: 4,
    act: async (acting) => {
      const chosen = some(acting, acting.random.between(2, 6));
      for (const made of chosen) made.deleteRequested = true;
      const ids = chosen.map(({ id }) => id);
      await acting.account.client.ask('mutation ($ids: [ID!]!) { deleteGenerations(ids: $ids) { id } }', { ids });
    },
  },
  favorite: {
    weight: 4,
    act: withOne(async (made, acting) => {
      await mutate('favoriteGeneration(id: $id, isFavorite: true) { id }')(made, acting);
      made.isFavorite = true;
    }),
  },
  share: {
    weight: 9,
    act: withEnded(async (made, { account }) => {
      const link: Share | null = await share(account.client, made.id);
      // Another act has taken it back already.
      if (link) made.shareUrl = link.url;
    }),
  },
  unshare: { weight: 4, act: withOne(mutate('unshareGeneration(id: $id) { id }')) },
  'open a share': {
    weight: 9,
    act: async (acting) => {
      const shared = acting.account.made.filter(({ shareUrl }) => shareUrl !== undefined);
      if (shared.length === 0) return;
      const url = String(acting.random.pick(shared).shareUrl);
      const token = String(url.split('/').at(-1));
      const link = { url, token, createdAt: '', expiresAt: null };
      await view(acting, addressesOf(link, await open(acting.account.client, token)));
    },
  },
  'view thumbnails': {
    weight: 9,
    act: withEnded(async ({ id }, acting) => {
      const { result } = (await dataOf(acting.account.client.ask(IMAGES, { id }))).generation;
      if (!result) return;
      const images = result.images.flatMap((image: Record<string, string>) => [
        image.url,
        image.thumbnailUrl,
        image.large,
      ]);
      const files = result.files.flatMap((file: Record<string, string>) => [file.url, file.posterUrl ?? []].flat());
      await view(acting, [...images, ...files, result.archiveUrl]);
    }),
  },
  'delete an upload': {
    weight: 3,
    act: async ({ account, random }) => {
      if (account.uploads.length === 0) return;
      const id = random.pick(account.uploads);
      await dataOf(account.client.ask('mutation ($id: ID!) { deleteUpload(id: $id) }', { id }));
    },
  },
};
