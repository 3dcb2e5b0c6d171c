/**
 * The socket of docs/clients.md, across a restart of the server.
 *
 * @slow: the client waits between its attempts to connect.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, clientOf, signUp } from '../support/client.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { refreshOn } from './brief-session.js';
import { block, ROOT, readText } from './markdown.js';

const ADDRESS = 'http://127.0.0.1:4000';
const VIEWER = '{ viewer { id } }';
const isRefused = ({ errors }: Answer) => errors?.[0]?.extensions.code === 'UNAUTHENTICATED';

const execute = promisify(execFile);

let app: TestApp;
let folder: string;
beforeAll(async () => {
  app = await startTestApp();
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-restart-'));
  await symlink(fileURLToPath(new URL('node_modules', ROOT)), join(folder, 'node_modules'), 'junction');
});
afterAll(async () => {
  await app?.close();
  await rm(folder, { recursive: true, force: true });
});

/** Watches a held generation with the example while the server restarts. With `isExpiring`, waits until the token has expired. */
async function watchThroughRestart(env: Record<string, string>, file: string, isExpiring: boolean): Promise<string> {
  app.simulator.hold();
  const first = await app.startAnother({ ...env, PORT: String(await freePort()) });
  // Creates the generation with a long-lived token: a busy machine takes more than a second.
  const { refreshToken, ask } = await signUp(app.url);
  const { data } = await ask('mutation { createGeneration(input: { prompt: "x", steps: 2 }) { id } }');
  const session = await refreshOn(first.url, refreshToken);
  const socket = block(await readText('docs/clients.md'), 'js', 'export function openSocket');
  await writeFile(join(folder, 'socket.mjs'), socket.replaceAll(ADDRESS, first.url));
  await writeFile(
    join(folder, file),
    `import { openSocket } from './socket.mjs';
     const socket = openSocket(${JSON.stringify(session)});
     socket.on('connected', () => console.log('connected'));
     socket.on('error', () => console.log('refused'));
     const query = 'subscription { generationUpdated(id: "${data.createGeneration.id}") { status } }';
     for await (const { data } of socket.iterate({ query })) console.log(data.generationUpdated.status);`,
  );
  const watching = execute(process.execPath, [file], { cwd: folder, timeout: 200_000 });
  let printed = '';
  watching.child.stdout?.on('data', (text) => {
    printed += text;
  });
  await until(() => /connected\n\w+/.test(printed), 'the subscription is open');
  await first.close();
  await until(() => printed.includes('refused'), 'a connection is refused');
  if (isExpiring)
    await until(async () => isRefused(await clientOf(app.url, session.accessToken).ask(VIEWER)), 'the token expires');
  const second = await app.startAnother({ ...env, PORT: new URL(first.url).port });
  try {
    await until(() => /refused.*connected\n\w+/s.test(printed), 'the subscription is open again');
    app.simulator.release();
    const { stderr } = await watching;
    expect(stderr).toBe('');
  } finally {
    app.simulator.release();
    await second.close();
  }
  return printed;
}

test('a socket reconnects after a restart of the server, and receives the final state', async () => {
  expect(await watchThroughRestart({}, 'watch.mjs', false)).toMatch(/COMPLETED\n$/);
});

test('a socket reconnects with a new token if its token expired during the restart', async () => {
  expect(await watchThroughRestart({ ACCESS_TOKEN_SECONDS: '1' }, 'expired.mjs', true)).toMatch(/COMPLETED\n$/);
});
