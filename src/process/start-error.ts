/** The reason why the server cannot start, as a sentence for the operator; printed without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

/** The message of the system, such as `EACCES: permission denied, open '/data/x'`. */
export const reasonOf = (error: unknown): string => (error as Partial<Error> | null)?.message ?? String(error);

/** The error code of the system, such as `EADDRINUSE`, or of PostgreSQL, such as `57P03`. */
export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
