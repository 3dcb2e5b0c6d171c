import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { Worker } from 'node:worker_threads';
import { until } from '../support/until.js';
import { call, card, closeAfterEach, start } from './support.js';

closeAfterEach();

const fileOf = (name: string) => resolve(import.meta.dirname, '../../dist/simulator', name);
const children: ChildProcess[] = [];

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts the process with these settings. Resolves to the URL that it prints. */
async function startProcess(env: Record<string, string>): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [fileOf('main.js')], {
    env: { ...process.env, SIMULATOR_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  if (!child.stdout) throw new Error('The process has no output');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { child, url: line.replace(/^.*: /, '') };
}

const status = async (url: string, init?: RequestInit) => (await fetch(url, init)).status;

test.each(['SIGINT', 'SIGTERM'] as const)('the process prints its address and exits with 0 on %s', async (signal) => {
  const { child, url } = await startProcess({ SIMULATOR_CHECKPOINTS: 'a.safetensors, b.safetensors' });
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(await (await fetch(`${url}/models/checkpoints`)).json()).toEqual(['a.safetensors', 'b.safetensors']);
  // Control routes are off by default.
  expect(await status(`${url}/simulator/hold`, { method: 'POST' })).toBe(404);
  child.kill(signal);
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('the process has control routes only when they are enabled', async () => {
  const { child, url } = await startProcess({ SIMULATOR_CONTROL: '1', SIMULATOR_VERSION: '0.8.0' });
  expect(await status(`${url}/simulator/hold`, { method: 'POST' })).toBe(200);
  expect(await status(`${url}/api/jobs`)).toBe(200);
  child.kill();
  await once(child, 'exit');
});

test('the thread posts its address and ends when it is closed', async () => {
  const worker = new Worker(fileOf('worker.js'), { workerData: { checkpoints: ['a.safetensors'], stepMs: 1 } });
  const [{ url }] = (await once(worker, 'message')) as [{ url: string }];
  expect(await (await fetch(`${url}/models/checkpoints`)).json()).toEqual(['a.safetensors']);
  worker.postMessage('close');
  expect(await once(worker, 'exit')).toEqual([0]);
  await expect(fetch(url)).rejects.toThrow();
});

test('a kill action kills a process at a point', async () => {
  const simulator = await start();
  const victim = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(victim);
  await once(victim, 'spawn');
  const exit = once(victim, 'exit');
  await call(simulator, '/simulator/faults', { point: 'start', action: { do: 'kill', pid: victim.pid } });
  await call(simulator, '/prompt', { prompt: card(), prompt_id: 'deadly' });
  expect(await exit).toEqual([null, 'SIGKILL']);
  await until(() => simulator.journal.prompt('deadly').succeeded === 1, 'the prompt to end');
});

test('the journal file survives the process', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-journal-'));
  const file = join(folder, 'journal.jsonl');
  const events = () =>
    readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).event);
  try {
    for (let life = 1; life <= 2; life++) {
      const { child, url } = await startProcess({ SIMULATOR_STEP_MS: '0', SIMULATOR_JOURNAL: file });
      const body = JSON.stringify({ prompt: card() });
      expect(await status(`${url}/prompt`, { method: 'POST', body })).toBe(200);
      await until(() => events().filter((event) => event === 'succeeded').length === life, 'the prompt to end');
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    const life = ['up', 'received', 'executed', 'succeeded'];
    expect(events()).toEqual([...life, ...life]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
