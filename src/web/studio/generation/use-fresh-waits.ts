/**
 * Reads what generations wait for, again and again: live changes tell a user only of the user's own generations, and others' move the
 * queue as well. One query for all of them, and none while nothing waits or the page is hidden.
 */
import { useEffect, useEffectEvent, useRef } from 'react';
import { useClient } from 'urql';
import { graphql } from '../api/graphql';
import type { Card } from './fragments';

const INTERVAL_MS = 3_000;
/** Changes come in groups: one ends, and the next begins. */
const GROUP_MS = 250;

const WAIT = graphql(`
  fragment Wait on Generation { id status startedAt queuePosition waitReason }
`);

// With lengths and an order of their own, so that these are no pages of a list that is shown.
const WAITS = graphql(
  `
    query Waits {
      next: generations(first: 25, filter: { status: [PENDING] }, orderBy: { field: CREATED_AT, direction: ASC }) {
        nodes { ...Wait }
      }
      newest: generations(first: 25, filter: { status: [PENDING] }, orderBy: { field: CREATED_AT }) {
        nodes { ...Wait }
      }
      running: generations(first: 50, filter: { status: [PROCESSING] }, orderBy: { field: CREATED_AT }) {
        nodes { ...Wait }
      }
    }
  `,
  [WAIT],
);

const ONE = graphql(
  `
    query WaitOf($id: ID!) {
      generation(id: $id) { ...Wait }
    }
  `,
  [WAIT],
);

type Waiting = Pick<Card, 'id' | 'status' | 'startedAt' | 'progress'>;

/** For those of the user that come next, and for the newest. */
export function useFreshWaits(cards: readonly Waiting[]): void {
  const client = useClient();
  useAgain(cards, () => client.query(WAITS, {}, { requestPolicy: 'network-only' }).toPromise());
}

/** For one, which may be old. */
export function useFreshWait(card: Waiting | undefined): void {
  const client = useClient();
  useAgain(card ? [card] : [], () =>
    client.query(ONE, { id: card?.id ?? '' }, { requestPolicy: 'network-only' }).toPromise(),
  );
}

function useAgain(cards: readonly Waiting[], read: () => Promise<unknown>): void {
  const progress = useRef(new Map<string, string | null>());
  const isReading = useRef(false);
  const active = cards.filter(({ status }) => status === 'PENDING' || status === 'PROCESSING');
  const isActive = active.length > 0;
  /** Changes when one begins or ends. */
  const states = active.map(({ id, startedAt }) => `${id} ${startedAt}`).join();

  const refresh = useEffectEvent(async () => {
    if (document.hidden || isReading.current || active.length === 0) return;
    isReading.current = true;
    await read();
    isReading.current = false;
  });
  const onTime = useEffectEvent(() => {
    const before = progress.current;
    progress.current = new Map(active.map((card) => [card.id, card.progress?.updatedAt ?? null]));
    // One that goes on waits for nothing.
    const waits = ({ id, startedAt }: Waiting) => !startedAt || before.get(id) === progress.current.get(id);
    if (active.some(waits)) void refresh();
  });
  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(() => onTime(), INTERVAL_MS);
    const onShown = () => void refresh();
    document.addEventListener('visibilitychange', onShown);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', onShown);
    };
  }, [isActive]);
  useEffect(() => {
    if (!states.includes(' null')) return undefined;
    const timer = setTimeout(() => void refresh(), GROUP_MS);
    return () => clearTimeout(timer);
  }, [states]);
}
