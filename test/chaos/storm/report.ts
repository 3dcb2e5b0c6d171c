/** Formats a storm as Markdown tables. */
import { table } from '../table.js';
import type { StormOutcome } from './storm.js';

export function describe(outcome: StormOutcome): string {
  const { options, acts, fetched, generations, strays, violations, seconds } = outcome;
  const rows = (counts: Map<string, number>) => [...counts].sort(([a], [b]) => a.localeCompare(b));
  const total = [...acts.values()].reduce((sum, count) => sum + count, 0);
  return [
    `${total} acts in ${seconds} s: ${Object.entries(options)
      .map(([name, value]) => `--${name} ${value}`)
      .join(' ')}`,
    table(['Act', 'Times'], rows(acts)),
    table(['Response to a file', 'Times'], rows(fetched)),
    table(['Generation at the end', 'Count'], rows(generations)),
    table(
      ['Total', 'Count'],
      [
        ['accounts', outcome.accounts],
        ['blobs', outcome.blobs],
        ['thumbnails and copies without metadata', outcome.derived],
        ['deliveries accepted', outcome.delivered],
        ['files without a row and rows without a file, before the sweep', strays.before],
        ['the same after it; must be 0', strays.after],
        ['violations; must be 0', violations.length],
      ],
    ),
    ...violations,
  ].join('\n\n');
}
