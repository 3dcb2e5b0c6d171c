/** A client of the API, for what prepares a measurement. */
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export const PASSWORD = 'correct horse battery';

/** @returns the response's data. @throws Error with its errors */
export async function ask(url, query, { token, variables } = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Signs up a new user. The first one of a server is its admin. */
export async function signUp(url, email) {
  const input = { email, password: PASSWORD };
  const { signUp } = await ask(
    url,
    'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken user { id } } }',
    { variables: { input } },
  );
  return { email, token: signUp.accessToken, id: signUp.user.id };
}

export async function signUpMany(url, count) {
  const users = [];
  for (let nth = 0; nth < count; nth += 1) users.push(await signUp(url, `user-${nth}@example.com`));
  return users;
}

export const socketUrl = (url) => `${url.replace(/^http/, 'ws')}/graphql`;

/** Opens a socket with a user's token. */
export const connect = (url, token) =>
  createClient({
    url: socketUrl(url),
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
    retryAttempts: 0,
  });

/** Asks repeatedly until the condition holds. */
export async function until(holds, what, timeoutMs = 120_000) {
  for (const start = performance.now(); ; ) {
    const result = await holds();
    if (result) return result;
    if (performance.now() - start > timeoutMs) throw new Error(`waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
