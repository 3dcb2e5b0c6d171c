/** Somebody who asks for pictures and watches each, whatever becomes of the server meanwhile; and what the server looks like from outside. */
import { setTimeout as delay } from 'node:timers/promises';
import { clientOf } from '../support/client.js';
import { create, finish, type User } from './stories.js';

const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { status revision completedAt } }';
const ASK_EVERY_MS = 50;
export const MOST = 20;
/** What a socket is closed with while the database cannot say whose it is, or does not in time: clients come back. */
const COME_BACK = [1013, 4408];

type Event = { status: string; revision: number; completedAt: string | null };

export type Load = {
  /** What has been acknowledged so far. */
  readonly ids: readonly string[];
  /** Asks for no more, and holds what was acknowledged and told against what came of it. */
  end(): Promise<void>;
};

/** @param onEnd told at the moment when a watcher hears of an end */
export function startLoad(url: string, user: User, onEnd = async (_id: string, _status: string) => {}): Load {
  const ids: string[] = [];
  const streams: Promise<Event[]>[] = [];
  let isOver = false;
  const asking = (async () => {
    while (!isOver && ids.length < MOST) {
      // An answer that did not come promises nothing.
      const id = await create(url, user, `picture ${ids.length}`).catch(() => undefined);
      if (id !== undefined) {
        ids.push(id);
        const stream = watch(url, user, id, onEnd);
        stream.catch(() => {});
        streams.push(stream);
      }
      await delay(ASK_EVERY_MS);
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
        const told = (await streams[nth]) ?? [];
        expect(told.at(-1)?.status).toBe(status);
        expect(told.filter(({ completedAt }) => completedAt !== null)).toHaveLength(1);
        const revisions = told.map(({ revision }) => revision);
        expect(revisions).toEqual(revisions.toSorted((a, b) => a - b));
      }
    },
  };
}

/** To its end. It may have to be asked for again, but once it has begun it must not break. */
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
      const isToComeBack = events.length === 0 && COME_BACK.includes(Number((error as { code?: number }).code));
      if (!isToComeBack) throw error;
    }
    if (events.length > 0) return events;
    await delay(ASK_EVERY_MS);
  }
}

const statusOf = async (url: string): Promise<number> => (await fetch(url)).status;
export const isReady = async (url: string): Promise<boolean> => (await statusOf(`${url}/readyz`)) === 200;
export const isAlive = async (url: string): Promise<boolean> => (await statusOf(`${url}/healthz`)) === 200;
