/** Signs requests for whoever signed in, and renews the session when its token is refused. */
import type { Answer, Headers, Request } from './answer';
import type { Memory } from './memory';

const REFRESH = `mutation RefreshSession($refreshToken: String!) {
  refreshSession(refreshToken: $refreshToken) { accessToken refreshToken }
}`;

/** `token` is what the page added: undefined where the Headers pane names a credential, or nobody has signed in. */
export type Signed = { headers: Headers; token: string | undefined };

export type Session = {
  /** @param headers those of the Headers pane, which win. */
  sign(headers: Headers): Signed;
  /** After `token` was refused: whether there is another by now. Never rejects. */
  renew(token: string | undefined): Promise<boolean>;
};

export function createSession(memory: Memory, send: (request: Request) => Promise<Answer>): Session {
  // A refresh token is good for one use, and using it twice ends the session: whoever comes second waits for the first.
  let renewing: Promise<boolean> | undefined;

  async function refresh(refreshToken: string): Promise<boolean> {
    const answer = await send({ query: REFRESH, operationName: 'RefreshSession', variables: { refreshToken } });
    memory.learn(answer.data);
    if (answer.data?.refreshSession) return true;
    // Refused for good; where no answer came at all, it may still be good.
    if (answer.errors?.some((error) => error.extensions?.code !== undefined)) memory.forgetTokens();
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
