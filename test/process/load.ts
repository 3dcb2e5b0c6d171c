/** A client that creates generations and watches each through failures of the server; and the server's health checks. */
import { setTimeout as delay } from 'node:timers/promises';
import { clientOf } from '../support/client.js';
import { create, finish, type User } from './stories.js';

const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { status revision completedAt } }';
const CREATE_INTERVAL_MS = 50;
export const MAX_GENERATIONS = 20;
/** Close codes of a socket that the database cannot authenticate in time; clients reconnect. */
const RETRY_CLOSE_CODES = [1013, 4408];

type Event = { status: string; revision: number; completedAt: string | null };

export type Load = {
  /** The generations acknowledged so far. */
  readonly ids: readonly string[];
  /** Stops creating, and checks that every acknowledged generation and every reported event is true. */
  end(): Promise<void>;
};

/** @param onEnd called when a watcher receives a final status */
export function startLoad(url: string, user: User, onEnd = async (_id: string, _status: string) => {}): Load {
  const ids: string[] = [];
  const streams: Promise<Event[]>[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver && ids.length < MAX_GENERATIONS) {
      // A request without a response promises nothing.
      const id = await create(url, user, `picture ${ids.length}`).catch(() => undefined);
      if (id !== undefined) {
        ids.push(id);
        const stream = watch(url, user, id, onEnd);
        stream.catch(() => {});
        streams.push(stream);
      }
      await delay(CREATE_INTERVAL_MS);
    }
  })();
  return {
    ids,
    end: async () => {
      isOver = true;
      await asking;
      expect(ids.length).toBeGreaterThan(0);
      for (const [nth, id] of ids.entries()) {
        const { status, attempt, result } = await finish(url, user, id);
        expect([status, attempt, result?.images.length]).toEqual(['COMPLETED', 1, 1]);
        const events = (await streams[nth]) ?? [];
        expect(events.at(-1)?.status).toBe(status);
        expect(events.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
        const revisions = events.map(({ revision }) => revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }
    },
  };
}

/** Watches to the end. The subscription may be retried, but must not fail after its first event. */
async function watch(url: string, user: User, id: string, onEnd: (id: string, status: string) => Promise<void>) {
  for (;;) {
    const events: Event[] = [];
    try {
      for await (const { data, errors } of clientOf(url, user.token).watch(WATCH, { id })) {
        if (errors && events.length === 0) break;
        if (errors) throw new Error(`The stream broke: ${JSON.stringify(errors)}`);
        const event: Event = data.generationUpdated;
        if (event.completedAt !== null) await onEnd(id, event.status);
        events.push(event);
      }
    } catch (error) {
      const isRetryable = events.length === 0 && RETRY_CLOSE_CODES.includes(Number((error as { code?: number }).code));
      if (!isRetryable) throw error;
    }
    if (events.length > 0) return events;
    await delay(CREATE_INTERVAL_MS);
  }
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
export const isReady = async (url: string): Promise<boolean> => (await statusOf(`${url}/readyz`)) === 200;
export const isAlive = async (url: string): Promise<boolean> => (await statusOf(`${url}/healthz`)) === 200;
