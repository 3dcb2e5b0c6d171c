/** Errors of PostgreSQL and the network in one sentence, with the usual remedy if there is one. */
import { codeOf, reasonOf, StartError } from '../process/start-error.js';

/** Matched by the error code of PostgreSQL or the system; by the message too if several errors share a code. */
const REMEDIES: [code: string, message: RegExp, remedy: string][] = [
  [
    '42501',
    /for schema/,
    'grant create on schema public to the role of DATABASE_URL, or make it the owner of the database: alter database … owner to …',
  ],
  ['42501', /must be owner/, 'the tables belong to another role: reassign owned by … to the role of DATABASE_URL'],
  ['42501', /for (table|sequence|function|relation)/, 'the role of DATABASE_URL must own the tables of this database'],
  ['42501', /./, 'grant the privilege to the role of DATABASE_URL, or make it the owner of the database'],
  ['3F000', /./, 'no schema of search_path exists: alter role … set search_path = public'],
  ['25006', /./, 'it accepts no writes: name the primary, and set default_transaction_read_only = off'],
  [
    '08P01',
    /startup parameter/,
    'PgBouncer: add the parameter to its ignore_startup_parameters, or take it out of DATABASE_URL',
  ],
  ['53300', /./, 'raise max_connections, or lower DATABASE_POOL_SIZE of the servers that share it'],
  ['53100', /./, 'its disk is full: make room'],
  ['3D000', /./, 'create it: createdb with that name and the encoding UTF8'],
  ['28P01', /./, 'check the user and the password; special characters of the password must be encoded (@ as %40)'],
  ['28000', /no encryption|SSL/i, 'add ?sslmode=verify-full to DATABASE_URL'],
  ['28000', /./, 'check the user, and pg_hba.conf'],
  ['57P03', /./, 'wait until it has started'],
  ['ECONNREFUSED', /./, 'is PostgreSQL running, and does it listen at that address?'],
  [
    'ENOENT',
    /./,
    'there is no socket in that folder: is PostgreSQL running, with this folder in unix_socket_directories?',
  ],
  ['', /does not support SSL/, 'add ?sslmode=disable to DATABASE_URL'],
  [
    '',
    /certificate/i,
    'add sslrootcert=/path/of/its/ca.pem to DATABASE_URL, or sslmode=no-verify to accept any certificate',
  ],
];

/** @param where stands between the reason and the remedy */
export function describeError(error: unknown, where = ''): string {
  const code = String(codeOf(error) ?? '');
  const message = messageOf(error);
  const found = REMEDIES.find(([its, pattern]) => (its === '' || its === code) && pattern.test(message));
  return found ? `${message}${where}: ${found[2]}` : `${message}${where}`;
}

/** Error classes about privileges, resources and the connection, not about our statements. */
const IS_ABOUT_DATABASE = /^(08|25006|28|3D|3F|42501|53|57P|58)/;

/** @returns a StartError for an error about the database; any other error unchanged */
export function toStartError(error: unknown): unknown {
  const isAboutDatabase = !(error instanceof StartError) && IS_ABOUT_DATABASE.test(String(codeOf(error) ?? ''));
  return isAboutDatabase
    ? new StartError(`The database cannot be used: ${describeError(error)}`, { cause: error })
    : error;
}

/** A host name with several addresses fails with one error for each; the ORM puts the statement before PostgreSQL's message. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  const cause = (error as { previous?: unknown; cause?: unknown } | null)?.cause;
  return reasonOf(codeOf(cause) === undefined ? error : cause);
}
