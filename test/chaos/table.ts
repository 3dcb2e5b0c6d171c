/** Formats a run as Markdown tables. */

import type { Outcome } from './run.js';
import { VIOLATION_KINDS } from './verdict.js';

export function describe(outcome: Outcome): string {
  const { options, counts, violations, evidence, seconds } = outcome;
  const parts = [
    `${counts.kills} kills in ${seconds} s: ${Object.entries(options)
      .map(([name, value]) => `--${name} ${value}`)
      .join(' ')}`,
    faults(outcome),
    totals(outcome),
    mustBeZero(outcome),
  ];
  for (const { kind, id, what } of violations) parts.push(`${kind}: ${id ? `generation ${id}: ` : ''}${what}`);
  for (const [id, text] of evidence) parts.push(`generation ${id}\n${text}`);
  if (violations.length > 0)
    parts.push(`Repeat: npm run chaos -- --seed ${options.seed} (the same choices, at different times)`);
  return parts.join('\n\n');
}

/** A generation that several faults touched is counted with each. */
function faults({ counts, statuses }: Outcome): string {
  const rows = [...counts.rows]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, { times, missed, touched }]) => {
      const withStatus = (status: string) => [...touched].filter((id) => statuses.get(id) === status).length;
      return [
        name,
        times,
        missed,
        touched.size,
        withStatus('COMPLETED'),
        withStatus('CANCELED'),
        withStatus('FAILED'),
        withStatus('deleted'),
      ];
    });
  return table(
    ['Fault', 'Times', 'Not reached', 'Unfinished then', 'Completed', 'Canceled', 'Failed', 'Deleted'],
    rows,
  );
}

function totals({ totals, failures, adopted, watched, maskedErrors }: Outcome): string {
  return table(
    ['Total', 'Count'],
    [
      ['generations that exist', totals.generations],
      ['completed', totals.completed],
      ['canceled', totals.canceled],
      ...[...failures].map(([code, count]): [string, number] => [`failed with ${code}`, count]),
      ['deleted', totals.deleted],
      ['sent again after a loss', totals.sentAgain],
      ['adopted by another process', adopted],
      ['watched to the end', watched.ends],
      ['reconnects of watchers', watched.reconnects],
      ['responses with INTERNAL_SERVER_ERROR', maskedErrors],
      ['second executions after a freeze, stopped', totals.afterFreeze],
    ],
  );
}

function mustBeZero({ violations }: Outcome): string {
  const count = (kind: string) => violations.filter((violation) => violation.kind === kind).length;
  return table(
    ['Must be 0', 'Count'],
    VIOLATION_KINDS.map((kind) => [kind, count(kind)]),
  );
}

export function table(head: string[], rows: (string | number)[][]): string {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => cells.map(String));
  const widths = head.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  const padded = (cell: string, column: number) =>
    column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
  return lines.map((cells) => `| ${cells.map(padded).join(' | ')} |`).join('\n');
}
