/** Sends a request to any available server. When the response is lost, its effect is unknown. */
import type { Answer, Variables } from '../support/client.js';
import type { Cluster } from './cluster.js';
import type { Random } from './random.js';

export type Reply =
  | { isAnswered: true; answer: Answer }
  /** `sent`: a server may have received the request. */
  | { isAnswered: false; sent: boolean };

const REQUEST_TIMEOUT_MS = 4_000;

export async function request(
  cluster: Cluster,
  random: Random,
  token: string | undefined,
  query: string,
  variables: Variables,
): Promise<Reply> {
  const urls = cluster.replicas.flatMap(({ url }) => url ?? []);
  if (urls.length === 0) return { isAnswered: false, sent: false };
  try {
    const response = await fetch(`${random.pick(urls)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = (await response.json()) as Answer;
    // A server that stops or has lost its database responds with this code; the request can be retried.
    if (codesOf(answer).includes('INTERNAL_SERVER_ERROR')) {
      cluster.maskedErrors += 1;
      return { isAnswered: false, sent: true };
    }
    return { isAnswered: true, answer };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return { isAnswered: false, sent: code !== 'ECONNREFUSED' };
  }
}

export const codesOf = ({ errors = [] }: Answer): unknown[] => errors.map(({ extensions }) => extensions?.code);
