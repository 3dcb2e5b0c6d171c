/**
 * Measures what the server costs beside the bare programs in bench/limits, in the same run: `npm run bench`. docs/performance.md says how to
 * read the table.
 *
 * Options: --only list,create selects files of bench/rows; --quick measures for a shorter time; --verbose prints the statements that are
 * counted, and what each input of the studio takes; --write puts the table into docs/performance.md.
 */
import { readdir } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { closeAll, isEnding } from './support/process/closers.mjs';
import { describeMachine } from './support/table/machine.mjs';
import { writeReport } from './support/table/report.mjs';
import { table } from './support/table/table.mjs';

const flag = { type: 'boolean', default: false };
const { values } = parseArgs({ options: { only: { type: 'string' }, quick: flag, verbose: flag, write: flag } });
/** The order of the table; what is not named here comes after it. */
const FIRST = 'list create statements events jobs latency busy memory filters reconnect restart'.split(' ');
const ROWS = new URL('rows/', import.meta.url);
const files = (await readdir(ROWS, { recursive: true })).filter((file) => file.endsWith('.mjs'));
const paths = new Map(files.map((file) => [basename(file, '.mjs'), file]));
const known = [...FIRST, ...[...paths.keys()].filter((name) => !FIRST.includes(name)).sort()];
const chosen = values.only?.split(',') ?? known;
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}: choose from ${known.join(', ')}`);
  process.exit(2);
}
const options = {
  isQuick: values.quick,
  isVerbose: values.verbose,
  rounds: values.quick ? 3 : 5,
  seconds: values.quick ? 0.6 : 2.5,
};

let failed = 0;
try {
  const machine = await describeMachine();
  console.log(machine);
  const rows = [];
  for (const name of chosen) {
    const start = performance.now();
    const { measure } = await import(new URL(paths.get(name), ROWS));
    try {
      rows.push(...(await measure(options)));
    } catch (error) {
      if (isEnding()) break;
      failed += 1;
      rows.push({ what: `${name}: ${error.message.split('\n')[0]}` });
      console.error(error);
    }
    console.log(`${name}, ${((performance.now() - start) / 1_000).toFixed(0)} s`);
    // A run that is interrupted leaves what it has measured.
    if (values.write) await writeReport(machine, table(rows));
  }
  console.log(`\n${table(rows)}`);
} finally {
  await closeAll();
}
process.exit(failed ? 1 : 0);
