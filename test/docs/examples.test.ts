/**
 * Runs the examples of README.md and docs/clients.md as they are, except for the server's address.
 *
 * @slow: runs each example as a process.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse, print } from 'graphql';
import sharp from 'sharp';
import { signIn } from '../accounts/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { clientOf, signUp } from '../support/client.js';
import { Processes } from '../support/process.js';
import { type SimulatorProcess, startSimulatorProcess } from '../support/simulator-process.js';
import { until } from '../support/until.js';
import { refreshOn } from './brief-session.js';
import { block, blocks, ROOT, readText } from './markdown.js';

const ADDRESS = 'http://127.0.0.1:4000';
const EXAMPLE_TIMEOUT_MS = 200_000;
/** A generation then takes as long as it takes to start the programs that watch it. */
const SLOWLY = { times: null as unknown as number };

const execute = promisify(execFile);
/** Whether the program is installed. */
const canRun = (program: string, ...args: string[]): Promise<boolean> =>
  execute(program, args).then(
    () => true,
    () => false,
  );
const hasPowerShell = await canRun('pwsh', '-NoProfile', '-Command', 'exit');

const processes = new Processes();
let readme: string;
let clients: string;
let app: TestApp;
let folder: string;
let simulator: SimulatorProcess;

beforeAll(async () => {
  readme = await readText('README.md');
  clients = await readText('docs/clients.md');
  // A process of its own, because drawing is slow in a jest worker.
  simulator = await startSimulatorProcess(processes);
  app = await startTestApp({ env: { COMFYUI_URL: simulator.url } });
});
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'comfygraph-docs-'));
});
afterEach(async () => {
  await simulator.heal();
  await rm(folder, { recursive: true, force: true });
});
afterAll(async () => {
  await app.close();
  await processes.end();
});

/** Saves the example in a folder of its own and runs it there. Returns its output. */
async function run(example: string, name: string, program: string, ...args: string[]): Promise<string> {
  expect(example).toContain(ADDRESS);
  await writeFile(join(folder, name), example.replaceAll(ADDRESS, app.url));
  const { stdout, stderr } = await execute(program, [...args, name], { cwd: folder, timeout: EXAMPLE_TIMEOUT_MS });
  expect(stderr).toBe('');
  return stdout;
}

/** Lets a script in the folder import the project's packages. */
const linkPackages = () =>
  symlink(fileURLToPath(new URL('node_modules', ROOT)), join(folder, 'node_modules'), 'junction');

const expectPicture = async () =>
  expect(await sharp(await readFile(join(folder, 'picture.png'))).metadata()).toMatchObject({
    format: 'png',
    width: 512,
    height: 512,
  });

const curlExample = () => block(clients, 'bash', '-o picture.png');
const streamExample = () => block(clients, 'bash', '/graphql/stream');
const uploadExample = () => block(clients, 'bash', 'createUpload');
const powerShellExample = () => block(clients, 'powershell', 'Invoke-RestMethod');

test('the README creates a generation with curl and watches it to its end', async () => {
  const [create = '', watch = ''] = blocks(readme, 'bash');
  const printed = await run(`${create}${watch}`, 'readme.sh', 'bash');
  expect(printed).toMatch(/"status":"COMPLETED","progress":null,"result":\{"images":\[\{"url":/);
  expect(printed).toMatch(/event: complete\ndata:\s*$/);
});

test('the curl commands fetch a picture, for a new and for an existing account', async () => {
  for (const time of ['first', 'second']) {
    await rm(join(folder, 'picture.png'), { force: true });
    const printed = await run(curlExample(), `${time}.sh`, 'bash');
    expect(printed).toContain('"status":"COMPLETED"');
    await expectPicture();
  }
});

test('curl watches a generation live in the same shell', async () => {
  await simulator.at('step', { do: 'wait', ms: 100 }, SLOWLY);
  const printed = await run(`${curlExample()}${streamExample()}`, 'stream.sh', 'bash');
  const events = printed.slice(printed.indexOf('event: next')).split('\n\n');
  expect(events.length).toBeGreaterThan(3);
  expect(events[0]).toMatch(/"status":"(PENDING|PROCESSING)"/);
  expect(events.slice(-3)).toEqual([expect.stringContaining('"status":"COMPLETED"'), 'event: complete\ndata:', '']);
});

test('curl uploads the picture and repaints it', async () => {
  const printed = await run(`${curlExample()}${uploadExample()}`, 'upload.sh', 'bash');
  const { createGeneration } = JSON.parse(printed.slice(printed.lastIndexOf('{"data"'))).data;
  const { ask } = clientOf(app.url, (await signIn(app.url, 'me@example.com')).token);
  await until(async () => {
    const { data } = await ask(`{ generation(id: "${createGeneration.id}") { status } }`);
    return data.generation.status === 'COMPLETED';
  }, 'the picture to be repainted');
});

test('the Node.js script watches a generation live and fetches its picture', async () => {
  await linkPackages();
  await simulator.at('step', { do: 'wait', ms: 100 }, SLOWLY);
  const printed = await run(block(clients, 'js', 'picture.png'), 'job.mjs', process.execPath);
  expect(printed).toMatch(/^PROCESSING KSampler \d+ %$/m);
  expect(printed).toMatch(/^COMPLETED/m);
  await expectPicture();
});

test('the Node.js socket reconnects when its token has expired, and receives the final state', async () => {
  await linkPackages();
  const held = await startTestApp();
  const brief = await held.startAnother({ ACCESS_TOKEN_SECONDS: '1', PORT: '0' });
  try {
    held.simulator.hold();
    // Creates the generation with a long-lived token: a busy machine takes more than a second.
    const { refreshToken, ask } = await signUp(held.url);
    const { data } = await ask('mutation { createGeneration(input: { prompt: "x" }) { id } }');
    const session = await refreshOn(brief.url, refreshToken);
    await writeFile(
      join(folder, 'socket.mjs'),
      block(clients, 'js', 'export function openSocket').replaceAll(ADDRESS, brief.url),
    );
    await writeFile(
      join(folder, 'watch.mjs'),
      `import { openSocket } from './socket.mjs';
       const socket = openSocket(${JSON.stringify(session)});
       socket.on('connected', () => console.log('connected'));
       const query = 'subscription { generationUpdated(id: "${data.createGeneration.id}") { status } }';
       for await (const { data } of socket.iterate({ query })) console.log(data.generationUpdated.status);`,
    );
    const watching = execute(process.execPath, ['watch.mjs'], { cwd: folder, timeout: EXAMPLE_TIMEOUT_MS });
    let printed = '';
    watching.child.stdout?.on('data', (text) => {
      printed += text;
    });
    await until(() => printed.split('connected').length > 3, 'it has reconnected twice');
    held.simulator.release();
    await watching;
    expect(printed).toMatch(/COMPLETED\n$/);
  } finally {
    await brief.close();
    await held.close();
  }
});

test('run-my-workflow.mjs imports the picture of a generation, saves its workflow and runs it', async () => {
  const { ask, token } = await signUp(app.url, ADMIN_EMAIL);
  const { data } = await ask(
    'mutation { createGeneration(input: { prompt: "a lake", width: 64, height: 64 }) { id } }',
  );
  const look = `{ generation(id: "${data.createGeneration.id}") { status result { images { url } } } }`;
  await until(async () => (await ask(look)).data.generation.status === 'COMPLETED', 'the picture');
  const [{ url }] = (await ask(look)).data.generation.result.images;
  await writeFile(join(folder, 'My lake.png'), Buffer.from(await (await fetch(new URL(url, app.url))).arrayBuffer()));
  const example = (await readText('examples/run-my-workflow.mjs')).replaceAll(ADDRESS, app.url);
  await writeFile(join(folder, 'run.mjs'), example);
  const { stdout } = await execute(process.execPath, ['run.mjs', 'My lake.png'], {
    cwd: folder,
    timeout: EXAMPLE_TIMEOUT_MS,
    env: { ...process.env, TOKEN: token },
  });
  expect(stdout).toMatch(/^Saved as my-lake: .*seed \(SEED\)/);
  expect(stdout).toMatch(/COMPLETED \n$/);
  expect(await sharp(await readFile(join(folder, 'my-lake-1.png'))).metadata()).toMatchObject({
    width: 64,
    height: 64,
  });
});

test('the PowerShell commands send the same documents as the curl commands', () => {
  // The curl commands contain them as JSON or in single quotes, the PowerShell commands in single quotes.
  const inJson = [...curlExample().matchAll(/"query":("(?:[^"\\]|\\.)*")/g)].map(([, text]) =>
    JSON.parse(String(text)),
  );
  const quoted = [...curlExample().matchAll(/='(query [^']*)'/g)].map(([, text]) => text);
  const documentsOfCurl = [...inJson.filter((text) => !text.includes("'")), ...quoted];
  const documentsOfPowerShell = [...powerShellExample().matchAll(/'((?:query|mutation) [^']*)'/g)].map(
    ([, text]) => text,
  );
  const same = (documents: (string | undefined)[]) => documents.map((text) => print(parse(String(text))));
  expect(documentsOfCurl).toHaveLength(4);
  expect(same(documentsOfPowerShell)).toEqual(same(documentsOfCurl));
});

const withPowerShell = hasPowerShell ? test : test.skip; // without PowerShell
withPowerShell('the PowerShell commands fetch a picture', async () => {
  const printed = await run(powerShellExample(), 'job.ps1', 'pwsh', '-NoProfile', '-File');
  expect(printed).toMatch(/^COMPLETED/m);
  await expectPicture();
});
