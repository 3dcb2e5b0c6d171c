/** A long run from the command line. Exits with 1 when a promise was broken. */
import setUp from '../jest/global-setup.js';
import tearDown from '../jest/global-teardown.js';

/** @param program reads the options, runs with them, and describes the outcome, which has `violations` */
export async function runCommand({ readOptions, run, describe }) {
  const options = chosen(readOptions);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => interrupted.abort(new Error('Interrupted')));
  await setUp();
  try {
    const log = (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
    const outcome = await run(options, { log, signal: interrupted.signal });
    console.log(`\n${describe(outcome)}`);
    process.exitCode = outcome.violations.length > 0 ? 1 : 0;
  } catch (error) {
    console.error(interrupted.signal.aborted ? 'Interrupted' : error);
    process.exitCode = 1;
  } finally {
    await tearDown();
  }
}

function chosen(readOptions) {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(error.message);
    process.exit(1);
  }
}
