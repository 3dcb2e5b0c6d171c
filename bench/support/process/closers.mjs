/** What has to be closed when the benchmark ends, however it ends: in reverse order of opening. */
const closers = [];
let ending;

/** @returns a function that closes it now and only once. After the end has begun, it is closed at once. */
export function closeAtEnd(close) {
  let closing;
  const once = () => {
    closing ??= close();
    return closing;
  };
  closers.push(once);
  if (ending) ending = ending.then(drain);
  return once;
}

/** Idempotent. */
export function closeAll() {
  ending ??= drain();
  return ending;
}

/** Whether a signal has ended the run: what fails from now on fails because of that. */
export const isEnding = () => ending !== undefined;

async function drain() {
  while (closers.length > 0)
    await closers
      .pop()()
      ?.catch((error) => console.error(error));
}

process.once('uncaughtException', (error) => {
  console.error(error);
  closeAll().finally(() => process.exit(1));
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
])
  process.once(signal, () => closeAll().finally(() => process.exit(code)));
