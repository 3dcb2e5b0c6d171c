/** Starts the PostgreSQL of a DATA_DIR and holds its lock, as a server does. */
import pino from 'pino';
import { startEmbeddedPostgres } from '../../dist/db/embedded/embedded-postgres.js';

await startEmbeddedPostgres(process.env.DATA_DIR, pino({ level: 'warn' }));
process.stdout.write('PostgreSQL is running\n');
