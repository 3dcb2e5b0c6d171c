/**
 * Detects that the npm that runs this server has exited. npm sends SIGTERM to the shell that started the server, and many shells die
 * without forwarding it: the server would run on, with its port and its database.
 */

const POLL_INTERVAL_MS = 250;

/** Calls `then` once, and only if npm runs this process: a server started in the background may outlive its parent. */
export function onNpmExit(env: NodeJS.ProcessEnv, then: () => void): void {
  if (env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    then();
  }, POLL_INTERVAL_MS).unref();
}
