/** Distinguishes a lost database from a fault of our own: an outage must not count as a crash of the job that ran meanwhile. */
import { DriverException } from '@mikro-orm/core';
import { codeOf } from '../process/start-error.js';

/** SQLSTATE classes: connection exception, insufficient resources, operator intervention, system error of PostgreSQL's host. */
const OUTAGE = /^(08|53|57|58)[0-9A-Z]{3}$/;
/** Codes of the network. BEGIN, COMMIT and statements of Kysely can fail with them, because the ORM does not wrap their errors. */
const NETWORK = /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_)/;
const SQLSTATE = /^(?!EPIPE)[0-9A-Z]{5}$/;
/** Messages of `pg` and its pool, whose errors have no code. */
const PG =
  /^(Connection terminated|Client (has encountered a connection error|was closed)|timeout (exceeded when trying to connect|expired)|Cannot use a pool)/;

export function isDatabaseOutage(error: unknown): boolean {
  const code = String(codeOf(error) ?? '');
  if (OUTAGE.test(code) || NETWORK.test(code)) return true;
  if (error instanceof DriverException) return !SQLSTATE.test(code);
  return error instanceof Error && PG.test(error.message);
}
