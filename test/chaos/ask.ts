/** Asks whichever server is there. An answer may be lost on the way, and then nobody knows whether it was done. */
import type { Answer, Variables } from '../support/client.js';
import type { Random } from './random.js';
import type { World } from './world.js';

export type Reply =
  | { came: true; answer: Answer }
  /** `sent`: the request may have arrived all the same. */
  | { came: false; sent: boolean };

const PATIENCE_MS = 4_000;

export async function ask(
  world: World,
  random: Random,
  token: string | undefined,
  query: string,
  variables: Variables,
): Promise<Reply> {
  const urls = world.replicas.flatMap(({ url }) => url ?? []);
  if (urls.length === 0) return { came: false, sent: false };
  try {
    const response = await fetch(`${random.pick(urls)}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const answer = (await response.json()) as Answer;
    // A server that stops, or has lost its database for a moment, says so: it can be asked again.
    if (codesOf(answer).includes('INTERNAL_SERVER_ERROR')) {
      world.maskedErrors += 1;
      return { came: false, sent: true };
    }
    return { came: true, answer };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return { came: false, sent: code !== 'ECONNREFUSED' };
  }
}

export const codesOf = ({ errors = [] }: Answer): unknown[] => errors.map(({ extensions }) => extensions?.code);
