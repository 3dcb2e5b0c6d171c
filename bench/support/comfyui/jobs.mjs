/** A stub of ComfyUI, a server that uses it, a signed-in user, and the bare script: what the measurements of jobs share. */
import { join } from 'node:path';
import { ask, signUp, until } from '../api.mjs';
import { temporaryFolder } from '../postgres/postgres.mjs';
import { startProcess } from '../process/process.mjs';
import { startServer } from '../process/server.mjs';

export const CREATE =
  'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id status createdAt } }';
export const INPUT = { prompt: 'a lighthouse at dusk', width: 512, height: 512, steps: 20 };

export async function startStub(ports = 1) {
  const stub = await startProcess('bench/support/comfyui/stub.mjs', { env: { PORTS: String(ports) } });
  return { ...stub, urls: await stub.call('urls') };
}

export async function startServerWithStub(ports = 1, env = {}) {
  const stub = await startStub(ports);
  const server = await startServer({ COMFYUI_URL: stub.urls.join(), ...env });
  const user = await signUp(server.url, 'jobs@example.com');
  await until(async () => {
    const { backends } = await ask(server.url, '{ backends { state } }', user);
    return backends.every(({ state }) => state === 'ONLINE');
  }, 'the backends are online');
  return { stub, server, user };
}

/** The server, and a script that runs the graphs that the server sends, each with a stub of its own. */
export async function startBoth() {
  const { stub, server, user } = await startServerWithStub();
  await createMany(server.url, user, 1);
  await untilEnded(server.url, user);
  const graph = await stub.call('graph');
  const scriptStub = await startStub();
  const env = {
    COMFYUI_URL: scriptStub.url,
    FOLDER: join(await temporaryFolder(), 'pictures'),
    DATABASE_URL: server.database.url,
  };
  const script = await startProcess('bench/limits/script.mjs', { env });
  const close = async () => {
    for (const process of [script, scriptStub, server, stub]) await process.close();
  };
  return { stub, server, user, graph, scriptStub, script, close };
}

export async function createMany(url, user, count) {
  for (let left = count; left > 0; left -= 20)
    await Promise.all(
      Array.from({ length: Math.min(20, left) }, () => ask(url, CREATE, { ...user, variables: { input: INPUT } })),
    );
}

const UNFINISHED =
  '{ generations(first: 1, filter: { status: [PENDING, PROCESSING, CANCELING] }) { nodes { id } } failed: generations(first: 1, filter: { status: [FAILED] }) { nodes { failure { message } } } }';

/** Waits until the stub has ended this many prompts. Does not ask the server, which is being measured. */
export const untilCounted = (stub, count) =>
  until(async () => (await stub.call('counted')).count >= count, `${count} prompts have ended`);

/** Waits until every generation has ended. @throws Error if one has failed */
export const untilEnded = (url, user) =>
  until(async () => {
    const { generations, failed } = await ask(url, UNFINISHED, user);
    if (failed.nodes.length > 0) throw new Error(`a generation failed: ${failed.nodes[0].failure.message}`);
    return generations.nodes.length === 0;
  }, 'every generation has ended');
