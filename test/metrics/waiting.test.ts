/** What a scrape costs while very many generations wait. */
import { Registry } from 'prom-client';
import type { SqlRunner } from '../../src/db/reads.js';
import { SharedGauges } from '../../src/metrics/shared-gauges.js';
import { create } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';

const WAITING = 5_000;
/** One of them is that of the API. */
const FEW = 5;

type Plan = {
  'Relation Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  Plans?: Plan[];
};

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  const { id } = await create(await signUp(app.url));
  await app.database.query(
    `insert into generations select (jsonb_populate_record(g, jsonb_build_object('id', gen_random_uuid(), 'waiting', true, 'status', 'PENDING'))).*
     from generations g, generate_series(1, ${WAITING}) where g.id = $1`,
    [id],
  );
  await app.database.query('analyze generations');
});
afterAll(() => app.close());

const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** How many rows of generations a statement reads. */
async function readsOf(statement: string, values: unknown[]): Promise<number> {
  let count = 0;
  const text = statement.replaceAll('?', () => `$${++count}`);
  const [row] = await app.database.query<{ 'QUERY PLAN': { Plan: Plan }[] }>(
    `explain (analyze, format json) ${text}`,
    values,
  );
  const plans = (row?.['QUERY PLAN'] ?? []).flatMap(({ Plan }) => flat(Plan));
  return plans
    .filter((plan) => plan['Relation Name'] === 'generations')
    .reduce(
      (sum, plan) => sum + plan['Actual Loops'] * (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)),
      0,
    );
}

test('a scrape reads a few of the generations that wait, however many there are', async () => {
  const statements: [string, unknown[]][] = [];
  const execute: SqlRunner['execute'] = async <Rows extends object[]>(statement: string, values: unknown[] = []) => {
    statements.push([statement, values]);
    return [] as object[] as Rows;
  };
  await new SharedGauges(new Registry(), { execute }, () => []).refresh();
  const [[statement, values] = ['', []]] = statements;
  expect(statements).toHaveLength(1);
  const reads = await readsOf(statement, values);
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThanOrEqual(FEW);
});
