/** `npm run chaos`: a long run from the command line. Exits with 1 where a promise was broken. */
import setUp from '../support/global-setup.js';
import tearDown from '../support/global-teardown.js';
import { readOptions } from './options.js';
import { runChaos } from './run.js';
import { describe } from './table.js';

const options = readOptions(process.argv.slice(2));
await setUp();
try {
  const outcome = await runChaos(options, (line) => console.log(`${new Date().toISOString().slice(11, 19)} ${line}`));
  console.log(`\n${describe(outcome)}`);
  process.exitCode = outcome.violations.length > 0 ? 1 : 0;
} finally {
  await tearDown();
}
