import { setTimeout as wait } from 'node:timers/promises';
import { createClient } from 'graphql-ws';

const api = 'http://127.0.0.1:4000';
const headers = { 'content-type': 'application/json' };
const REFRESH = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }';

async function refresh(session) {
  const body = JSON.stringify({ query: REFRESH, variables: { token: session.refreshToken } });
  for (;;) {
    // While the server is down, fetch rejects, or a proxy returns an error page.
    const answer = await fetch(`${api}/graphql`, { method: 'POST', headers, body }).catch(() => undefined);
    const { data, errors } = (await answer?.json().catch(() => undefined)) ?? {};
    if (data?.refreshSession) return Object.assign(session, data.refreshSession);
    if (errors?.[0].extensions.code === 'UNAUTHENTICATED') throw new Error(errors[0].message);
    await wait(1000);
  }
}

export function openSocket(session) {
  let hasExpired = false;
  let refreshing;
  return createClient({
    url: `${api.replace('http', 'ws')}/graphql`,
    connectionParams: async () => {
      // A refresh token works once: store its successor, and never refresh twice at the same time.
      if (hasExpired) refreshing ??= refresh(session).finally(() => (refreshing = undefined));
      await refreshing;
      hasExpired = false;
      return { authorization: `Bearer ${session.accessToken}` };
    },
    // A server that restarts refuses connections. By default graphql-ws treats that error as fatal.
    shouldRetry: () => true,
    retryAttempts: Infinity,
    retryWait: (retries) => wait(Math.min(500 * 2 ** retries, 5000) * (0.5 + Math.random())),
    on: {
      closed: ({ code }) => {
        if (code === 4403) hasExpired = true;
      },
    },
  });
}
