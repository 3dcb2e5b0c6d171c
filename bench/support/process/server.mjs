/** Starts the built server as a process, as an operator would, with limits that one machine's load does not reach. */

import { createDatabase, temporaryFolder } from '../postgres/postgres.mjs';
import { startProcess } from './process.mjs';

/** Connections of each measured side to PostgreSQL. */
export const POOL_SIZE = '10';
const MANY = '1000000';
const RAISED_LIMITS = {
  MAX_SOCKETS_PER_ADDRESS: MANY,
  MAX_REQUESTS_PER_ADDRESS: MANY,
  MAX_SOCKETS_PER_USER: MANY,
  MAX_CREATED_PER_MINUTE: MANY,
  MAX_SIGN_INS_PER_ADDRESS: MANY,
  MAX_SIGN_UPS_PER_ADDRESS: MANY,
  MAX_QUEUED_PER_USER: MANY,
  MAX_QUEUED: MANY,
};
const READY = /ready: open (http:\/\/[^/"]+)/;

/**
 * @param env settings besides: without COMFYUI_URL, the simulator draws
 * @returns the process, its database, and `restart`, which starts another server with the same data
 */
export async function startServer(env = {}) {
  const database = await createDatabase();
  const settings = {
    PORT: '0',
    DATA_DIR: await temporaryFolder(),
    DATABASE_URL: database.url,
    DATABASE_POOL_SIZE: POOL_SIZE,
    SIMULATOR_STEP_MS: '20',
    LOG_FORMAT: 'json',
    ...RAISED_LIMITS,
    ...env,
  };
  const start = () => startProcess('dist/main.js', { env: settings, readyLine: READY });
  const server = await start();
  const close = async () => {
    await server.close();
    await database.drop();
  };
  return { ...server, close, database, restart: start };
}
