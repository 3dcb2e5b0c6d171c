/** Adds the token of the signed-in user to requests, and refreshes the session when the API rejects the token. */

import type { Memory } from './memory';
import type { GraphQLResponse, Headers, Request } from './response';

const REFRESH = `mutation RefreshSession($refreshToken: String!) {
  refreshSession(refreshToken: $refreshToken) { accessToken refreshToken }
}`;

/** `token` is the token that the page added: undefined if the Headers pane names a credential, or no user is signed in. */
export type Signed = { headers: Headers; token: string | undefined };

export type Session = {
  /** @param headers of the Headers pane, which take precedence */
  sign(headers: Headers): Signed;
  /** Call it after the API rejected `token`. @returns whether there is a new token. Never rejects. */
  renew(token: string | undefined): Promise<boolean>;
};

/** @param onEnd called before the tokens of a session that the API has ended are forgotten */
export function createSession(
  memory: Memory,
  send: (request: Request) => Promise<GraphQLResponse>,
  onEnd: () => void = () => {},
): Session {
  // A refresh token is for one use, and a second use ends the session: concurrent callers share one refresh.
  let renewing: Promise<boolean> | undefined;

  async function refresh(refreshToken: string): Promise<boolean> {
    const response = await send({ query: REFRESH, operationName: 'RefreshSession', variables: { refreshToken } });
    memory.learn(response.data);
    if (response.data?.refreshSession) return true;
    // The API rejected the refresh token. Without any response it may still be valid.
    if (response.errors?.some((error) => error.extensions?.code !== undefined)) {
      onEnd();
      memory.forgetTokens();
    }
    return false;
  }

  return {
    sign(headers) {
      const named = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
      const token = named ? undefined : memory.accessToken;
      return { headers: token ? { authorization: `Bearer ${token}`, ...headers } : headers, token };
    },
    async renew(token) {
      if (!token) return false;
      if (memory.accessToken !== token) return memory.accessToken !== undefined;
      const { refreshToken } = memory;
      if (!refreshToken) return false;
      renewing ??= refresh(refreshToken).finally(() => {
        renewing = undefined;
      });
      return renewing;
    },
  };
}
