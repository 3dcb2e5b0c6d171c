/** An account under the storm, with all that decides what must be there at the end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, clientOf, signUp } from '../../support/client.js';
import type { Cluster } from '../cluster.js';
import type { Random } from '../random.js';
import { request } from '../request.js';

const RETRY_AFTER_MS = 100;
/** Longer than all servers are away. */
const ANSWER_TIMEOUT_MS = 90_000;

export type Made = {
  id: string;
  /** Whether it was seen to have ended. */
  hasEnded: boolean;
  isFavorite: boolean;
  /** Set before the request: it may take effect although the response is lost. */
  deleteRequested: boolean;
  shareUrl?: string;
};

export type Account = {
  id: string;
  /** Asks any server that is available, again until one answers. */
  client: Client;
  made: Made[];
  /** The ids of its uploads. */
  uploads: string[];
  /** Set before the request. */
  deleteRequested: boolean;
};

export async function openAccount(cluster: Cluster, random: Random): Promise<Account> {
  const user = await repeat(async () => {
    const url = urlOf(cluster, random);
    return url === undefined ? undefined : await signUp(url).catch(() => undefined);
  }, 'an account');
  const { id, token } = user;
  const ask: Client['ask'] = (document, variables = {}) =>
    repeat(async () => {
      const reply = await request(cluster, random, token, document, variables);
      return reply.isAnswered ? reply.answer : undefined;
    }, document);
  return { id, client: { ...clientOf('', token), ask }, made: [], uploads: [], deleteRequested: false };
}

/** Undefined while no server is ready. */
export function urlOf({ replicas }: Cluster, random: Random): string | undefined {
  const urls = replicas.flatMap(({ url }) => url ?? []);
  return urls.length > 0 ? random.pick(urls) : undefined;
}

async function repeat<T>(act: () => Promise<T | undefined>, what: string): Promise<T> {
  for (const deadline = Date.now() + ANSWER_TIMEOUT_MS; Date.now() < deadline; await sleep(RETRY_AFTER_MS)) {
    const value = await act();
    if (value !== undefined) return value;
  }
  throw new Error(`No server answered for ${ANSWER_TIMEOUT_MS / 1_000} s: ${what}`);
}
