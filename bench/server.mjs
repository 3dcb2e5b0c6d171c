/** Starts the built server as a process with its own folder, simulator and PostgreSQL. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from 'graphql-ws';
import pino from 'pino';
import WebSocket from 'ws';
import { startEmbeddedPostgres } from '../dist/db/embedded/embedded-postgres.js';

const PASSWORD = 'correct horse battery';
/** High limits, because all requests come from one address. */
const RAISED_LIMITS = {
  MAX_SOCKETS_PER_ADDRESS: '10000',
  MAX_REQUESTS_PER_ADDRESS: '10000',
  MAX_SOCKETS_PER_USER: '1000',
  MAX_CREATED_PER_MINUTE: '100000',
  MAX_SIGN_INS_PER_ADDRESS: '100000',
  MAX_SIGN_UPS_PER_ADDRESS: '100000',
};

/** @param {Record<string, string>} env */
export async function startServer(env = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'comfygraph-bench-'));
  const postgres = await startEmbeddedPostgres(folder, pino({ level: 'error' }));
  const args = ['--expose-gc', '--import', new URL('heap.mjs', import.meta.url).pathname, 'dist/main.js'];
  const given = { PORT: '0', DATA_DIR: join(folder, 'data'), DATABASE_URL: postgres.url, SIMULATOR_STEP_MS: '20' };
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...RAISED_LIMITS, ...given, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = createInterface({ input: child.stdout });
  const errors = createInterface({ input: child.stderr });
  const url = await new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      const found = /ready: open (http:\/\/[^/"]+)/.exec(line);
      if (found) resolve(found[1]);
    });
    child.once('exit', (code) => reject(new Error(`The server ended with ${code}`)));
  });
  return {
    url,
    databaseUrl: postgres.url,
    /** Its memory and handles after a garbage collection. */
    async held() {
      const line = new Promise((resolve) => {
        const hear = (text) => {
          if (!text.startsWith('held ')) return;
          errors.off('line', hear);
          resolve(JSON.parse(text.slice(5)));
        };
        errors.on('line', hear);
      });
      child.kill('SIGUSR2');
      return await line;
    },
    async close() {
      child.kill('SIGTERM');
      await once(child, 'exit');
      await postgres.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** @returns the response's data. @throws Error with its errors */
export async function ask(url, query, { token, variables } = {}) {
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  const answer = await fetch(`${url}/graphql`, { method: 'POST', headers, body: JSON.stringify({ query, variables }) });
  const { data, errors } = await answer.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

/** Signs up a new user. */
export async function signUp(url, email) {
  const input = { email, password: PASSWORD };
  const { signUp } = await ask(
    url,
    'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken user { id } } }',
    { variables: { input } },
  );
  return { email, token: signUp.accessToken, id: signUp.user.id };
}

/** Opens a socket with a user's token. */
export const connect = (url, token) =>
  createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    lazy: false,
    retryAttempts: 0,
  });

export const sorted = (numbers) => numbers.toSorted((a, b) => a - b);
export const at = (numbers, part) => sorted(numbers)[Math.min(numbers.length - 1, Math.floor(numbers.length * part))];
