/** Puts the table into docs/performance.md, between two comments. */
import { readFile, writeFile } from 'node:fs/promises';

const FILE = new URL('../../../docs/performance.md', import.meta.url);
const [BEGIN, END] = ['<!-- table -->', '<!-- end of table -->'];

/** @throws Error if the comments are missing */
export async function writeReport(machine, table) {
  const text = await readFile(FILE, 'utf8');
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`docs/performance.md must contain ${BEGIN} and ${END}`);
  await writeFile(FILE, `${text.slice(0, from)}${BEGIN}\n\n${machine}.\n\n${table}\n\n${text.slice(to)}`);
}
