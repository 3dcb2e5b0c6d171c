/** The log of the process: one line of JSON per event (in a terminal see `pretty-log.ts`). It contains no secrets and no prompts. */
import pino, { type DestinationStream, type Logger } from 'pino';

/** Deeper causes add nothing. */
const MAX_CAUSES = 5;
/** Redacted, in case code ever logs one. */
const SECRETS = ['authorization', 'password', 'accessToken', 'refreshToken', 'secret', 'token'];

/** @param level as LOG_LEVEL */
export const createLogger = (level: string, output: DestinationStream = process.stdout): Logger =>
  pino(
    {
      name: 'comfygraph',
      level,
      serializers: { err: (error: unknown) => describe(error) },
      redact: SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    },
    output,
  );

/** PostgreSQL's detail, which MikroORM appends; it often contains the row. */
const DETAIL = /\n - detail: .*$/s;

/**
 * Picks the fields to log: an error of PostgreSQL may contain the row that it rejected, and one of GraphQL the document with its literals.
 */
function describe(error: unknown, causes = MAX_CAUSES): unknown {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { code, constraint, table } = error as { code?: unknown; constraint?: unknown; table?: unknown };
  const message = error.message.replace(DETAIL, '');
  return {
    type: error.name,
    message,
    stack: error.stack?.replace(error.message, () => message),
    ...Object.fromEntries(Object.entries({ code, constraint, table }).filter(([, value]) => typeof value === 'string')),
    ...(error.cause !== undefined && causes > 0 && { cause: describe(error.cause, causes - 1) }),
  };
}
