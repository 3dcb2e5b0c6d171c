/**
 * `npm start` runs the server through a shell: signals to npm reach the server, and no process survives.
 *
 * @slow: starts servers as processes.
 */
import { Processes, postgresOf, type ServerProcess } from '../support/process.js';
import { until } from '../support/until.js';
import { isGone } from './stories.js';

const processes = new Processes();
afterEach(() => processes.end());

/** Without scripts/prepare.mjs. */
const npmStart = { program: 'npm', args: ['start', '--ignore-scripts'] };

/** Every log line has the server's process id. */
const pidOfServer = ({ logs }: ServerProcess) => Number(/"pid":(\d+)/.exec(logs)?.[1]);

test.each([
  ['Ctrl+C in its terminal', (npm: ServerProcess) => npm.killGroup('SIGINT')],
  ['SIGTERM to npm alone', (npm: ServerProcess) => npm.kill('SIGTERM')],
  ['SIGTERM to its process group', (npm: ServerProcess) => npm.killGroup('SIGTERM')],
])('%s ends the server and its PostgreSQL', async (_, end) => {
  const npm = await processes.startServerProcess(npmStart);
  const [server, postgres] = [pidOfServer(npm), postgresOf(npm)];
  if (!postgres) throw new Error('No PostgreSQL runs');
  end(npm);
  await npm.ended;
  await isGone(server);
  await isGone(postgres);
});

test('a server in the background survives its shell', async () => {
  const shell = await processes.spawnServer({
    program: 'sh',
    args: ['-c', '"$0" dist/main.js & echo started', process.execPath],
  });
  await until(() => shell.logs.includes('started') && /ready: open (\S+)\//.exec(shell.logs), 'it is ready');
  const url = /ready: open ([^\s]+)\/\W/.exec(shell.logs)?.[1];
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('the server runs and stops under node --watch, as `npm run dev` starts it', async () => {
  const args = ['--watch-path=scripts', '--watch-preserve-output', 'dist/main.js'];
  const watching = await processes.startServerProcess({ args });
  const postgres = postgresOf(watching);
  if (!postgres) throw new Error('No PostgreSQL runs');
  watching.kill('SIGTERM');
  await watching.ended;
  await isGone(postgres);
});
