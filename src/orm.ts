/** The ORM: every entity and every migration, listed by hand. Nothing is discovered. */
import 'reflect-metadata';
import { ReflectMetadataProvider } from '@mikro-orm/decorators/legacy';
import { Migrator } from '@mikro-orm/migrations';
import { defineConfig, MikroORM } from '@mikro-orm/postgresql';
import type pg from 'pg';
import { ApiKey } from './accounts/api-keys/api-key.js';
import { Session } from './accounts/sessions/session.js';
import { User } from './accounts/user.js';
import { Backend } from './backends/backend.js';
import { Model } from './backends/model.js';
import { Generation } from './generations/generation.js';
import './generations/relations.js';
import { Blob } from './assets/blob.js';
import { Image } from './assets/image.js';
import { OutputFile } from './assets/output-file.js';
import { Result } from './assets/result.js';
import { Share } from './assets/shares/share.js';
import { Upload } from './assets/uploads/upload.js';
import { addressOf } from './db/database-url.js';
import { migrations } from './db/migrations/index.js';
import { Webhook } from './deliveries/webhooks/webhook.js';
import { TIMINGS, type Timings } from './process/timings.js';
import { Prompt } from './runner/prompt.js';
import { SavedWorkflow } from './workflows/saved/saved-workflow.js';

const DEFAULT_POOL_SIZE = 10;

export const openDatabase = (
  url: string,
  { idleTransactionTimeoutMs, connectionTimeoutMs }: Timings = TIMINGS,
  poolSize = DEFAULT_POOL_SIZE,
): Promise<MikroORM> => {
  const address = addressOf(url);
  return MikroORM.init(
    defineConfig({
      host: address.host,
      port: address.port,
      user: address.user ?? '',
      dbName: address.database ?? '',
      entities: [
        User,
        Session,
        ApiKey,
        SavedWorkflow,
        Backend,
        Model,
        Generation,
        Prompt,
        Result,
        Image,
        OutputFile,
        Upload,
        Blob,
        Webhook,
        Share,
      ],
      metadataProvider: ReflectMetadataProvider,
      extensions: [Migrator],
      // Keeps two idle connections, so that no server starves when several share a full PostgreSQL.
      pool: { min: 2, max: poolSize },
      // The whole URL: its query, such as sslmode, is for the driver.
      driverOptions: {
        connectionString: url,
        connectionTimeoutMillis: connectionTimeoutMs,
        keepAlive: true,
        // A statement, because PgBouncer rejects it as a start-up parameter. It needs its own timeout: without one, a connection that never
        // responds would keep its place in the pool.
        onConnect: (client: pg.PoolClient) =>
          client.query({
            text: `set idle_in_transaction_session_timeout = ${idleTransactionTimeoutMs}`,
            query_timeout: connectionTimeoutMs,
          } as pg.QueryConfig),
      },
      migrations: { migrationsList: migrations, snapshot: false, silent: true },
      // Tables without an entity. `previews` is UNLOGGED, which entities cannot express.
      schemaGenerator: {
        skipTables: [
          'previews',
          'routes',
          'turns',
          'paces',
          'rate_limits',
          'change_epochs',
          'forgotten_deletions',
          'generation_counts',
          'generation_deltas',
          'search_blocks',
          'search_texts',
          'deliveries',
          'generation_inputs',
        ],
        ignoreTriggers: true,
        ignoreRoutines: true,
      },
      // Statements may contain users' texts, which must not be logged.
      debug: false,
    }),
  );
};
