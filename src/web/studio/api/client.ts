/** The GraphQL client of one signed-in user: it is made anew after each sign-in, so that no data of another user stays. */
import { authExchange } from '@urql/exchange-auth';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import { memory, session, signedIn } from './account';
import { API_URL } from './address';
import { createCache } from './cache/cache';
import { createNewest } from './cache/newest';
import { Placed } from './cache/placed';
import { connection } from './connection';
import { isCode } from './errors';
import { CHANGES, type Change, resume } from './live';
import { createSocket } from './socket';
import { Unanswered } from './unanswered';

/** The URLs of files expire at the end of the next day. */
const MAX_AGE_MS = 12 * 60 * 60_000;

export type Api = {
  client: Client;
  /** Calls `listener` after each live change. @returns a function that ends this */
  onChange(listener: (change: Change) => void): () => void;
  /** Calls `listener` when lists may miss changes and must be read again. @returns a function that ends this */
  onGap(listener: () => void): () => void;
  close(): void;
};

export function createApi(): Api {
  const changeListeners = new Set<(change: Change) => void>();
  const gapListeners = new Set<() => void>();
  let readAt = Date.now();
  const gap = () => {
    readAt = Date.now();
    for (const listener of gapListeners) listener();
  };
  // What this user asked for must not be done as the next one.
  const userId = signedIn.get();
  const isSignedIn = () => signedIn.get() === userId;
  let token: string | undefined;
  const socket = createSocket(connection.lost);
  const placed = new Placed();
  const unanswered = new Unanswered();
  const client = new Client({
    url: API_URL.href,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [
      unanswered.exchange,
      createCache(placed),
      createNewest(placed),
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation(operation) {
          if (!isSignedIn()) return operation;
          const signed = session.sign({});
          token = signed.token;
          return appendHeaders(operation, signed.headers);
        },
        didAuthError: (error) => isSignedIn() && isCode(error, 'UNAUTHENTICATED'),
        async refreshAuth() {
          if (!(await session.renew(token)) && !memory.refreshToken) memory.forgetTokens();
        },
      })),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: resume(socket, {
          onStart(isResumed) {
            connection.live();
            if (!isResumed) gap();
            unanswered.askAgain();
          },
          onChange(change) {
            if (change.kind === 'GAP') return gap();
            for (const listener of changeListeners) listener(change);
          },
        }),
      }),
    ],
  });
  const wake = () => {
    if (document.visibilityState !== 'visible') return;
    socket.check();
    unanswered.askAgain();
    if (Date.now() - readAt > MAX_AGE_MS) gap();
  };
  connection.start();
  const { unsubscribe } = client.subscription(CHANGES, {}).subscribe(() => {});
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
  window.addEventListener('offline', wake);
  return {
    client,
    onChange(listener) {
      changeListeners.add(listener);
      return () => void changeListeners.delete(listener);
    },
    onGap(listener) {
      gapListeners.add(listener);
      return () => void gapListeners.delete(listener);
    },
    close() {
      document.removeEventListener('visibilitychange', wake);
      window.removeEventListener('online', wake);
      window.removeEventListener('offline', wake);
      unsubscribe();
      // It waits for a connection that is being made, and rejects if that is given up.
      Promise.resolve(socket.dispose()).catch(() => {});
      connection.stop();
    },
  };
}
