/**
 * The operator's command line for accounts. It works on the server's database, whether the server runs or not. A running server applies a
 * change at the next request, and closes open sockets within seconds.
 */
import 'reflect-metadata';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { ConfigError, readConfig } from '../config.js';
import { checkDatabase } from '../db/check-database.js';
import { attachEmbeddedPostgres } from '../db/embedded/embedded-postgres.js';
import { Refusal } from '../graphql/errors.js';
import { openDatabase } from '../orm.js';
import { createLogger } from '../process/logger.js';
import { StartError } from '../process/start-error.js';
import { TIMINGS } from '../process/timings.js';
import { runCommand, USAGE } from './commands.js';

type Terminal = { env: NodeJS.ProcessEnv; out: (text: string) => void; err: (text: string) => void };

/** @returns the exit code */
export async function runAccounts(values: readonly string[], { env, out, err }: Terminal): Promise<number> {
  const [command, ...rest] = values;
  try {
    if (command === undefined || /^(-h|--help|help)$/.test(command)) out(USAGE);
    else await withDatabase(env, (em) => runCommand(em, command, rest, out));
    return 0;
  } catch (error) {
    const isExpected = error instanceof ConfigError || error instanceof StartError || error instanceof Refusal;
    err(`${isExpected ? error.message : ((error as Error).stack ?? error)}\n`);
    return 1;
  }
}

async function withDatabase(env: NodeJS.ProcessEnv, act: (em: SqlEntityManager) => Promise<void>): Promise<void> {
  const { databaseUrl, dataDir } = readConfig(env);
  if (databaseUrl) await checkDatabase(databaseUrl, TIMINGS);
  const postgres = databaseUrl
    ? { url: databaseUrl, close: async () => {} }
    : await attachEmbeddedPostgres(dataDir, createLogger('error', process.stderr));
  const orm = await openDatabase(postgres.url);
  try {
    if ((await orm.migrator.getPending()).length > 0)
      throw new StartError(
        'The database is older than this version of ComfyGraph: start the server once to migrate it',
      );
    await act(orm.em.fork());
  } finally {
    await orm.close();
    await postgres.close();
  }
}
