/** Signs up and in, before there is a client of a user. */
import { post } from '../../session/post';
import { memory, tokens } from '../api/account';
import { API_URL } from '../api/address';
import { remember } from '../api/remembered';

const SESSION = 'accessToken refreshToken user { id role }';
const SIGN_UP = `mutation SignUp($input: SignUpInput!) { session: signUp(input: $input) { ${SESSION} } }`;
const SIGN_IN = `mutation SignIn($input: SignInInput!) { session: signIn(input: $input) { ${SESSION} } }`;

export type Credentials = { email: string; password: string; name?: string | undefined; stays: boolean };
export type SignInProblem = { code: string; message: string };

const KNOWN = 'comfygraph:known';

/** Whether somebody has signed in with this browser before. */
export const isKnown = (): boolean => localStorage.getItem(KNOWN) !== null;

/** @returns why it failed; undefined if the user is signed in */
export async function signIn(
  isNew: boolean,
  { stays, name, ...credentials }: Credentials,
): Promise<SignInProblem | undefined> {
  const input = isNew && name ? { ...credentials, name } : credentials;
  const response = await post(API_URL, { query: isNew ? SIGN_UP : SIGN_IN, variables: { input } }, {});
  const [error] = response.errors ?? [];
  if (error) return { code: String(error.extensions?.code ?? 'NETWORK'), message: error.message };
  const { user } = (response.data as { session: { user: { id: string; role: string } } }).session;
  remember(`role:${user.id}`, user.role);
  tokens.stay(stays);
  memory.learn(response.data);
  localStorage.setItem(KNOWN, '');
  return undefined;
}
