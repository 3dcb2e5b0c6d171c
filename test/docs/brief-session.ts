/** A session with short-lived tokens. */
import { clientOf } from '../support/client.js';

const REFRESH = 'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }';

/** Continues a session on a server whose access tokens live shorter than those of the server that began it. */
export async function refreshOn(url: string, refreshToken: string): Promise<Record<string, string>> {
  const { data } = await clientOf(url).ask(REFRESH, { token: refreshToken });
  return data.refreshSession;
}
