/** Whether live changes arrive, for all parts of the page. */
import { useSyncExternalStore } from 'react';
import { READY_URL } from './address';

type Connection = 'connecting' | 'live' | 'offline';
/** Why the page is offline: the device has no network, no server answers, the server is not ready, or sockets are blocked. */
type OfflineReason = 'device' | 'server' | 'busy' | 'socket';

/** A new token and a restart of the server are no news. */
const GRACE_MS = 2_500;
const FIRST_GRACE_MS = 8_000;
const PROBE_INTERVAL_MS = 5_000;
const PROBE_TIMEOUT_MS = 4_000;

type State = { connection: Connection; reason: OfflineReason | undefined };

let state: State = { connection: 'connecting', reason: undefined };
let timer: ReturnType<typeof setTimeout> | undefined;
/** Counts the times that something else was true: what was found out before is of no interest. */
let turn = 0;
const listeners = new Set<() => void>();

function set(connection: Connection, reason?: OfflineReason): void {
  if (connection === state.connection && reason === state.reason) return;
  state = { connection, reason };
  for (const listener of listeners) listener();
}

function become(connection: Connection): void {
  turn += 1;
  clearTimeout(timer);
  timer = undefined;
  set(connection);
}

export const connection = {
  /** Begins to connect. */
  start(): void {
    become('connecting');
    timer = setTimeout(goOffline, FIRST_GRACE_MS);
  },
  live: (): void => become('live'),
  /** The page is offline unless it is live again soon. */
  lost(): void {
    if (state.connection === 'live') timer ??= setTimeout(goOffline, GRACE_MS);
  },
  stop: (): void => become('connecting'),
};

/** Stays offline until it is live again, and finds out why meanwhile. */
function goOffline(previous?: OfflineReason): void {
  set('offline', state.reason);
  const current = turn;
  void findReason().then((reason) => {
    if (turn !== current) return;
    // Only a second time is sure: a server that has just started answers before the socket tries again.
    if (reason !== 'socket' || previous === 'socket') set('offline', reason);
    timer = setTimeout(goOffline, PROBE_INTERVAL_MS, reason);
  });
}

async function findReason(): Promise<OfflineReason> {
  try {
    const { ok } = await fetch(READY_URL, { cache: 'no-store', signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) });
    return ok ? 'socket' : 'busy';
  } catch {
    return navigator.onLine ? 'server' : 'device';
  }
}

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

function subscribeToNetwork(listener: () => void) {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export const useConnection = (): Connection => useSyncExternalStore(subscribe, () => state.connection);
/** @returns whether the device has a network and the server has answered lately */
export function useIsReachable(): boolean {
  const hasNetwork = useSyncExternalStore(subscribeToNetwork, () => navigator.onLine);
  return useConnection() !== 'offline' && hasNetwork;
}
/** @returns undefined while it is unknown */
export const useOfflineReason = (): OfflineReason | undefined => useSyncExternalStore(subscribe, () => state.reason);
/** The same at this moment. */
export const offlineReason = (): OfflineReason | undefined => (navigator.onLine ? state.reason : 'device');
