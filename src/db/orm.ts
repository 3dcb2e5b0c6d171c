/** The ORM: every entity and every migration, listed by hand. Nothing is discovered. */
import 'reflect-metadata';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import { ApiKey } from '../accounts/api-key.js';
import { Session } from '../accounts/session.js';
import { User } from '../accounts/user.js';
import { Backend } from '../backends/backend.js';
import { Model } from '../backends/model.js';
import { Generation } from '../generations/generation.js';
import { Prompt } from '../generations/prompt.js';
import { Image, Result } from '../generations/result.js';
import { TIMINGS, type Timings } from '../timings.js';
import { migrations } from './migrations/index.js';

const MAX_CONNECTIONS = 20;

export const openDatabase = (
  url: string,
  { connectionTimeoutMs, idleTransactionTimeoutMs }: Timings = TIMINGS,
): Promise<MikroORM> =>
  MikroORM.init(
    defineConfig({
      clientUrl: url,
      entities: [User, Session, ApiKey, Backend, Model, Generation, Prompt, Result, Image],
      metadataProvider: ReflectMetadataProvider,
      extensions: [Migrator],
      pool: { min: 0, max: MAX_CONNECTIONS },
      // The URL again: of the one above MikroORM drops what follows the question mark, such as sslmode.
      driverOptions: {
        connectionString: url,
        connectionTimeoutMillis: connectionTimeoutMs,
        keepAlive: true,
        idle_in_transaction_session_timeout: idleTransactionTimeoutMs,
      },
      migrations: { migrationsList: migrations, snapshot: false, silent: true },
      // What is only written and read by plain statements. The table of previews is UNLOGGED, which entities cannot say.
      schemaGenerator: {
        skipTables: ['previews', 'routes', 'turns', 'paces', 'rate_limits', 'change_epochs', 'forgotten_deletions'],
        ignoreTriggers: true,
        ignoreRoutines: true,
      },
      // The one place that logs is the app's logger; statements may hold what a user wrote.
      debug: false,
    }),
  );
