/**
 * Notices that the npm that runs this server has ended. npm hands SIGTERM to the shell that it starts the server by, and many a
 * shell dies of it without a word to the server, which would go on unseen, with its port and its database.
 */

const LOOK_EVERY_MS = 250;

/** Calls once, and only where npm is what runs this: who starts a server in the background may leave it alone. */
export function whenNpmEnds(env: NodeJS.ProcessEnv, then: () => void): void {
  if (env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, LOOK_EVERY_MS).unref();
}
