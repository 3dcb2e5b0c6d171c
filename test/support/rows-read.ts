/** How much a statement reads, by PostgreSQL's own account of it. */
import type { TestDatabase } from './database.js';

type Plan = {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
};

const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** Executes a statement, with its values in the places of `?`. @returns how many rows of the table it reads */
export async function rowsRead(
  database: TestDatabase,
  table: string,
  statement: string,
  values: unknown[] = [],
): Promise<number> {
  let count = 0;
  const text = statement.replaceAll('?', () => `$${++count}`);
  const [row] = await database.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `explain (analyze, format json) ${text}`,
    values,
  );
  return (row?.['QUERY PLAN'] ?? [])
    .flatMap(({ Plan }) => flat(Plan))
    .filter((plan) => plan['Relation Name'] === table)
    .reduce(
      (sum, plan) => sum + plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)),
      0,
    );
}
