/** What keeps the server from starting, as a sentence for whoever runs it: it is shown without a stack. */
export class StartError extends Error {
  override name = 'StartError';
}

/** What the system said, such as `EACCES: permission denied, open '/data/x'`. */
export const reasonOf = (error: unknown): string => (error as Partial<Error> | null)?.message ?? String(error);

/** The system's name of what went wrong, such as `EADDRINUSE`; PostgreSQL's, such as `57P03`. */
export const codeOf = (error: unknown): unknown => (error as { code?: unknown } | null)?.code;
