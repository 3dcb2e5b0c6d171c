/** What has to be closed when the benchmark ends, however it ends: in reverse order of opening. */
const closers = [];

/** @returns a function that closes it now and only once */
export function closeAtEnd(close) {
  let closing;
  const once = () => {
    closing ??= close();
    return closing;
  };
  closers.push(once);
  return once;
}

export async function closeAll() {
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
