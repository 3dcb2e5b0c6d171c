/** The log of the process: JSON, a line for each event; a terminal shows it by `pretty-log.ts`. Nothing that a user keeps secret is in it, nor what somebody asked to be drawn. */
import pino, { type DestinationStream, type Logger } from 'pino';

/** Deeper causes say nothing new. */
const MAX_CAUSES = 5;
/** Should one ever be handed over. The name is enough for whoever looks for what went wrong. */
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

/** What MikroORM adds of PostgreSQL's: often the row. */
const DETAIL = /\n - detail: .*$/s;

/**
 * An error may carry anything: PostgreSQL's the row that it refused, GraphQL's the document with its literals. So it is told what of it
 * is logged.
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
