/** Helpers for tests of accounts. */
import pg from 'pg';
import type { TestApp } from '../support/app.js';
import { type Answer, clientOf, post } from '../support/client.js';
import { connect, type RawSocket } from '../support/socket.js';
import { until } from '../support/until.js';

export const PASSWORD = 'correct horse battery';

export type Session = { token: string; refreshToken: string };

/** Whether the server accepts the token over HTTP. */
export async function isAccepted(url: string, token: string): Promise<boolean> {
  const answer = await post(url, { query: '{ models { name } }' }, token);
  if (answer.status === 401) return false;
  const { errors } = (await answer.json()) as Answer;
  if (errors) throw new Error(JSON.stringify(errors));
  return true;
}

export async function signIn(url: string, email: string, password = PASSWORD): Promise<Session> {
  const { data, errors } = await trySignIn(url, email, password);
  if (errors) throw new Error(JSON.stringify(errors));
  return { token: data.signIn.accessToken, refreshToken: data.signIn.refreshToken };
}

export const trySignIn = (url: string, email: string, password = PASSWORD): Promise<Answer> =>
  clientOf(url).ask(
    'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken refreshToken user { id } } }',
    { input: { email, password } },
  );

export const refresh = (url: string, token: string): Promise<Answer> =>
  clientOf(url).ask(
    'mutation ($token: String!) { refreshSession(refreshToken: $token) { accessToken refreshToken } }',
    {
      token,
    },
  );

/** Moves all earlier refreshes into the past. */
export const ageRefreshes = ({ database }: TestApp, seconds: number) =>
  database.query(
    'update sessions set refreshes = (select coalesce(jsonb_agg(at::numeric - $1 * 1000), $2) from jsonb_array_elements(refreshes) at)',
    [seconds, '[]'],
  );

export const codeOf = ({ errors }: Answer): unknown => errors?.[0]?.extensions.code;

/** A socket with an open subscription. */
export async function watch(url: string, token: string): Promise<RawSocket> {
  const socket = await connect(url, token);
  socket.send({
    id: '1',
    type: 'subscribe',
    payload: { query: 'subscription { generationsUpdated { kind generationId } }' },
  });
  return socket;
}

/** Sends an operation while an update of the user is not yet committed. It commits when the operation waits for the lock, or has ended. */
export async function duringUpdate(
  { database }: TestApp,
  change: string,
  userId: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`update users set ${change} where id = $1`, [userId]);
    let hasResponse = false;
    const answer = ask().finally(() => {
      hasResponse = true;
    });
    const waits = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
    await until(
      async () => hasResponse || (await client.query(waits)).rows.length > 0,
      'a response, or a waiting transaction',
    );
    await client.query('commit');
    return await answer;
  } finally {
    await client.end();
  }
}
