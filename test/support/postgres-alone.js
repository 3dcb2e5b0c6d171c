/** Starts the PostgreSQL of a DATA_DIR and holds it, as a server does that is about to be killed. */
import pino from 'pino';
import { startEmbeddedPostgres } from '../../dist/db/embedded/embedded-postgres.js';

await startEmbeddedPostgres(process.env.DATA_DIR, pino({ level: 'warn' }));
process.stdout.write('it is there\n');
