/** Helpers for tests of shares: a generation with every kind of output, and its public link. */

import { becomes, create, dataOf } from '../generations/support.js';
import type { TestApp } from '../support/app.js';
import type { Client } from '../support/client.js';

/** Users may run graphs of their own, and ComfyUI saves films and sounds. */
export const OPTIONS = { env: { WORKFLOW_AUTHORS: 'users' }, simulator: { version: '0.33.0', stepMs: 0 } } as const;

export type Share = { url: string; token: string; createdAt: string; expiresAt: string | null };
export type SharedFile = {
  id: string;
  url: string;
  saved: string;
  filename: string;
  contentType: string;
  byteSize: number;
  hash: string;
  urlExpiresAt: string;
  thumbnailUrl?: string;
  posterUrl?: string | null;
};
export type SharedGeneration = {
  prompt: string;
  modelName: string | null;
  images: SharedFile[];
  files: SharedFile[];
  texts: { text: string }[];
  problems: string[];
  createdAt: string;
  expiresAt: string | null;
};

const image = (color: number) => ({
  class_type: 'EmptyImage',
  inputs: { width: 96, height: 64, batch_size: 1, color },
});
/** Two pictures, a film, a sound and a text. */
export const EVERYTHING = {
  red: image(0xff0000),
  blue: image(0x0000ff),
  images: { class_type: 'ImageBatch', inputs: { image1: ['red', 0], image2: ['blue', 0] } },
  save: { class_type: 'SaveImage', inputs: { images: ['images', 0], filename_prefix: 'made' } },
  video: { class_type: 'CreateVideo', inputs: { images: ['images', 0], fps: 8 } },
  saveVideo: {
    class_type: 'SaveVideo',
    inputs: { video: ['video', 0], filename_prefix: 'made', format: 'mp4', 'format.codec': 'auto' },
  },
  audio: { class_type: 'EmptyAudio', inputs: { duration: 1, sample_rate: 44_100, channels: 2 } },
  saveAudio: { class_type: 'SaveAudio', inputs: { audio: ['audio', 0], filename_prefix: 'made' } },
  text: { class_type: 'PrimitiveString', inputs: { value: 'a text of a node' } },
  show: { class_type: 'PreviewAny', inputs: { source: ['text', 0] } },
};
const NO_FORM = { prompt: null, width: null, height: null, steps: null };

/** A COMPLETED generation with every kind of output. */
export async function everything(client: Client): Promise<string> {
  const { id } = await create(client, { ...NO_FORM, graph: EVERYTHING });
  await becomes(client, id, 'COMPLETED');
  return id;
}

const SHARE =
  'mutation ($id: ID!, $expiresAt: DateTime) { shareGeneration(id: $id, expiresAt: $expiresAt) { revision share { url token createdAt expiresAt } } }';
const UNSHARE = 'mutation ($id: ID!) { unshareGeneration(id: $id) { revision share { token } } }';
const FILE = 'id url saved: url(download: true) filename contentType byteSize hash urlExpiresAt';
const OPEN = `query ($token: String!) { sharedGeneration(token: $token) {
  prompt modelName createdAt expiresAt images { ${FILE} thumbnailUrl } files { ${FILE} posterUrl } texts { text } problems } }`;

/** @param expiresAt left out where it is undefined */
export const tryShare = (client: Client, id: string, expiresAt?: Date | null) =>
  client.ask(SHARE, { id, ...(expiresAt === undefined ? {} : { expiresAt }) });

export const share = async (client: Client, id: string, expiresAt?: Date | null): Promise<Share> =>
  (await dataOf(tryShare(client, id, expiresAt))).shareGeneration.share;

export const tryUnshare = (client: Client, id: string) => client.ask(UNSHARE, { id });
export const unshare = async (client: Client, id: string) => (await dataOf(tryUnshare(client, id))).unshareGeneration;

export const tryOpen = (client: Client, token: string) => client.ask(OPEN, { token });
export const open = async (client: Client, token: string): Promise<SharedGeneration> =>
  (await dataOf(tryOpen(client, token))).sharedGeneration;

/** Every address that an opened share shows, its page included. */
export const addressesOf = ({ url }: Share, { images, files }: SharedGeneration): string[] => [
  url,
  ...[...images, ...files].flatMap((file) => [
    file.url,
    file.saved,
    ...[file.thumbnailUrl, file.posterUrl].filter((each) => each != null),
  ]),
];

/** `cache` keeps fetch from adding headers that disable conditional requests. */
export async function get(app: { url: string }, url: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(app.url + url, { cache: 'no-cache', ...init });
  // An unread body keeps its connection open after the tests.
  const body = await answer.arrayBuffer();
  return new Response(body.byteLength > 0 ? body : null, answer);
}

export const statusesOf = async (app: TestApp, urls: readonly string[]): Promise<number[]> =>
  await Promise.all(urls.map(async (url) => (await get(app, url)).status));
