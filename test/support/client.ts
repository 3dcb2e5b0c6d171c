/** A GraphQL client over HTTP and WebSocket. */
import { randomUUID } from 'node:crypto';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';

export type GraphQLError = { message: string; path?: (string | number)[]; extensions: Record<string, unknown> };
/** Documents in tests are checked by the server, not by the compiler. */
// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape its document asks for
export type Answer = { data?: any; errors?: GraphQLError[] };
export type Variables = Record<string, unknown>;

/** A transport. Whatever holds for one must hold for the other. */
export type Door = { name: string; ask(document: string, variables?: Variables): Promise<Answer> };

export type Client = Door & {
  token: string | undefined;
  /** Yields each result of a subscription until it completes; closing the iterator unsubscribes. */
  watch(document: string, variables?: Variables): AsyncIterableIterator<Answer>;
};

export const overHttp = (url: string, token?: string): Door => ({
  name: 'HTTP',
  ask: async (query, variables) => (await (await post(url, { query, variables }, token)).json()) as Answer,
});

export const overWebSocket = (url: string, token?: string): Door => ({
  name: 'WebSocket',
  ask: async (query, variables) => {
    for await (const answer of watch(url, token, query, variables)) return answer;
    throw new Error('The operation completed without a result');
  },
});

export const clientOf = (url: string, token?: string): Client => ({
  ...overHttp(url, token),
  token,
  watch: (document, variables) => watch(url, token, document, variables),
});

/** Creates a user. @returns a signed-in client */
export async function signUp(
  url: string,
  email = `${randomUUID()}@example.com`,
): Promise<Client & { id: string; email: string; refreshToken: string }> {
  const { data, errors } = await clientOf(url).ask(
    `mutation ($email: String!) {
       signUp(input: { email: $email, password: "correct horse battery" }) { accessToken refreshToken user { id } }
     }`,
    { email },
  );
  if (errors) throw new Error(`Could not sign up: ${JSON.stringify(errors)}`);
  const { accessToken, refreshToken, user } = data.signUp;
  return { ...clientOf(url, accessToken), id: user.id, email, refreshToken };
}

export const post = (url: string, body: unknown, token?: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Each subscription has its own socket, which closes with the iterator. */
async function* watch(
  url: string,
  token: string | undefined,
  query: string,
  variables?: Variables,
): AsyncIterableIterator<Answer> {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts: 0,
    ...(token === undefined ? {} : { connectionParams: { authorization: `Bearer ${token}` } }),
  });
  try {
    for await (const answer of client.iterate({ query, variables: variables ?? null })) yield answer as Answer;
  } catch (error) {
    // A rejected operation throws a list of errors; a closed socket throws its close event.
    if (!Array.isArray(error)) throw error;
    yield { errors: error as GraphQLError[] };
  } finally {
    await client.dispose();
  }
}
