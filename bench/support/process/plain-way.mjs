/** Builds and starts the plain way (see bench/plain-way). */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startProcess } from './process.mjs';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
let building;

export async function startPlainWay(env) {
  building ??= promisify(execFile)(process.execPath, [
    path('../../../node_modules/typescript/bin/tsc'),
    '-p',
    path('../../plain-way'),
  ]);
  await building;
  return startProcess('bench/plain-way/dist/server.js', { env, readyLine: /ready: (http:\S+)/ });
}
