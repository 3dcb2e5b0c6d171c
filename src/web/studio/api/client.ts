/** The GraphQL client of one signed-in user: it is made anew after each sign-in, so that no data of another user stays. */
import { authExchange } from '@urql/exchange-auth';
import { Client, fetchExchange, subscriptionExchange } from 'urql';
import { pipe, subscribe } from 'wonka';
import { memory, session } from './account';
import { API_URL } from './address';
import { cache } from './cache';
import { setConnection } from './connection';
import { isCode } from './errors';
import { CHANGES, type Change, resume } from './live';
import { newestExchange } from './newest';
import { createSocket } from './socket';

type ChangeListener = (change: Change) => void;

export type Api = {
  client: Client;
  /** Calls `listener` after each live change. @returns a function that ends this */
  onChange(listener: ChangeListener): () => void;
  /** Calls `listener` when lists may miss changes and must be read again. @returns a function that ends this */
  onGap(listener: () => void): () => void;
  close(): void;
};

export function createApi(): Api {
  const changeListeners = new Set<ChangeListener>();
  const gapListeners = new Set<() => void>();
  const gap = () => {
    for (const listener of gapListeners) listener();
  };
  const socket = createSocket((state) => setConnection(state === 'closed' ? 'offline' : 'connecting'));
  const client = new Client({
    url: API_URL.href,
    preferGetMethod: false,
    requestPolicy: 'cache-and-network',
    exchanges: [
      cache,
      newestExchange,
      authExchange(async ({ appendHeaders }) => ({
        addAuthToOperation: (operation) => appendHeaders(operation, session.sign({}).headers),
        didAuthError: (error) => isCode(error, 'UNAUTHENTICATED'),
        async refreshAuth() {
          if (!(await session.renew(memory.accessToken)) && !memory.refreshToken) memory.forgetTokens();
        },
      })),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: resume(socket, {
          onStart(isResumed) {
            setConnection('live');
            if (!isResumed) gap();
          },
        }),
      }),
    ],
  });
  const { unsubscribe } = pipe(
    client.subscription(CHANGES, {}),
    subscribe(({ data }) => {
      const change = data?.generationsUpdated;
      if (!change) return;
      if (change.kind === 'GAP') return gap();
      for (const listener of changeListeners) listener(change);
    }),
  );
  const wake = () => {
    if (document.visibilityState === 'visible') socket.check();
  };
  document.addEventListener('visibilitychange', wake);
  window.addEventListener('online', wake);
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
      unsubscribe();
      void socket.dispose();
    },
  };
}
