/**
 * Measures what the server costs beside the bare programs in bench/limits, in the same run: `npm run bench`.
 *
 * Options: --only list,create selects rows by their file in bench/rows; --quick measures everything for a shorter time.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { closeAll } from './support/closers.mjs';
import { describeMachine } from './support/machine.mjs';
import { table } from './support/table.mjs';

const { values } = parseArgs({
  options: { only: { type: 'string' }, quick: { type: 'boolean' }, write: { type: 'string' } },
});
const files = (await readdir(new URL('rows/', import.meta.url))).map((file) => file.replace('.mjs', ''));
const ORDER = ['list', 'create', 'events', 'jobs', 'latency', 'busy', 'memory', 'filters', 'reconnect', 'restart'];
const known = [
  ...ORDER.filter((name) => files.includes(name)),
  ...files.filter((name) => !ORDER.includes(name)).sort(),
];
const chosen = values.only?.split(',') ?? known;
const unknown = chosen.filter((name) => !known.includes(name));
if (unknown.length > 0) {
  console.error(`There is no ${unknown.join(', ')}: choose from ${known.join(', ')}`);
  process.exit(2);
}
const options = values.quick ? { isQuick: true, rounds: 3, seconds: 1 } : { isQuick: false, rounds: 7, seconds: 3 };

let failed = 0;
try {
  const machine = await describeMachine();
  console.log(machine);
  const rows = [];
  for (const name of chosen) {
    const start = performance.now();
    const { measure } = await import(`./rows/${name}.mjs`);
    try {
      rows.push(...(await measure(options)));
    } catch (error) {
      failed += 1;
      rows.push({ what: `${name}: ${error.message.split('\n')[0]}` });
      console.error(error);
    }
    console.log(`${name}: ${((performance.now() - start) / 1_000).toFixed(0)} s`);
  }
  const text = table(rows);
  console.log(`\n${text}`);
  if (values.write) await writeFile(values.write, `${machine}\n\n${text}\n`);
} finally {
  await closeAll();
}
process.exit(failed ? 1 : 0);
