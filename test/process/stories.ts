/** One-line actions for tests that start servers as processes. */
import { clientOf, type signUp } from '../support/client.js';
import { isAlive } from '../support/is-alive.js';
import type { TestProcess } from '../support/process.js';
import { until } from '../support/until.js';

export type User = Awaited<ReturnType<typeof signUp>>;

const CREATE = 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id } }';
const READ = `query ($id: ID!) { generation(id: $id) { status attempt errorMessage result { images { url byteSize } } } }`;
const FINAL = ['COMPLETED', 'FAILED', 'CANCELED'];

export type Snapshot = {
  status: string;
  attempt: number;
  errorMessage: string | null;
  result: { images: { url: string; byteSize: number }[] } | null;
};

/** @returns the id of the new generation */
export async function create(url: string, user: User, prompt = 'a landscape'): Promise<string> {
  const { data, errors } = await clientOf(url, user.token).ask(CREATE, {
    input: { prompt, steps: 4, width: 64, height: 64 },
  });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.createGeneration.id;
}

export async function read(url: string, user: User, id: string): Promise<Snapshot> {
  const { data, errors } = await clientOf(url, user.token).ask(READ, { id });
  if (errors) throw new Error(JSON.stringify(errors));
  return data.generation;
}

export const finish = (url: string, user: User, id: string): Promise<Snapshot> =>
  until(async () => {
    const seen = await read(url, user, id);
    return FINAL.includes(seen.status) && seen;
  }, `generation ${id} ends`);

/** Whether the server knows the account. */
export async function signIn(url: string, { email }: User): Promise<boolean> {
  const { data } = await clientOf(url).ask(
    `mutation ($email: String!) { signIn(input: { email: $email, password: "correct horse battery" }) { user { id } } }`,
    { email },
  );
  return typeof data?.signIn?.user?.id === 'string';
}

export const isGone = (pid: number): Promise<true> => until(() => !isAlive(pid), `process ${pid} ends`);

/** @returns the exit code after SIGTERM */
export async function stop(server: TestProcess): Promise<number | null> {
  server.kill('SIGTERM');
  return (await server.ended).code;
}
