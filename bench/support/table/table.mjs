/** Prints rows as a Markdown table, aligned for the terminal. */
const COLUMNS = ['what', 'limit', 'ours', 'of the limit', 'spread', 'to the plain way'];

export function table(rows, columns = COLUMNS) {
  const cells = [columns, ...rows.map((row) => columns.map((column) => row[column] ?? ''))];
  const widths = columns.map((_, nth) => Math.max(...cells.map((line) => line[nth].length)));
  const print = (line) => `| ${line.map((cell, nth) => cell.padEnd(widths[nth])).join(' | ')} |`;
  const [head, ...body] = cells.map(print);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}
