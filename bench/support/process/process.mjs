/** Starts the processes that are measured, one for each side. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { closeAtEnd } from './closers.mjs';

const ROOT = new URL('../../../', import.meta.url);
const ANSWER = new URL('answer.mjs', import.meta.url);

/**
 * @param path from the root of the repository, such as `bench/limits/list.mjs`
 * @param readyLine what the process prints with its address when it is ready; without it, the process calls `ready`
 */
export async function startProcess(path, { env = {}, readyLine } = {}) {
  const child = spawn(process.execPath, ['--expose-gc', '--import', ANSWER.href, fileURLToPath(new URL(path, ROOT))], {
    cwd: fileURLToPath(ROOT),
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // Ctrl+C reaches only the benchmark, which then ends its processes in order.
    detached: true,
  });
  const exited = once(child, 'exit');
  const end = async (signal) => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  const close = closeAtEnd(() => end('SIGTERM'));
  const errors = [];
  createInterface({ input: child.stderr }).on('line', (line) => errors.push(line));
  const lines = createInterface({ input: child.stdout });
  const waiting = new Map();
  child.on('message', ({ id, result, error }) => {
    const caller = waiting.get(id);
    waiting.delete(id);
    if (error) caller?.reject(new Error(error));
    else caller?.resolve(result);
  });
  const url = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const found = readyLine?.exec(line);
      if (found) resolve(found[1]);
      else if (/"level":(50|60)/.test(line)) errors.push(line);
    });
    child.on('message', (message) => 'url' in message && resolve(message.url));
    child.once('exit', (code) => reject(new Error(`${path} ended with ${code}\n${errors.join('\n')}`)));
  });
  child.once('exit', (code, signal) => {
    for (const { reject } of waiting.values()) reject(new Error(`${path} ended with ${code ?? signal}`));
  });
  let calls = 0;
  return {
    url,
    /** What it wrote to stderr and logged as an error. */
    errors,
    /** Calls a function that the process registered by `answer`. */
    call(call, argument) {
      calls += 1;
      const id = calls;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, call, argument }, (error) => error && reject(error));
      });
    },
    close,
    /** kill -9. */
    kill: () => end('SIGKILL'),
  };
}
