/** What a scrape costs while very many generations wait. */
import { Registry } from 'prom-client';
import type { SqlRunner } from '../../src/db/reads.js';
import { SharedGauges } from '../../src/metrics/shared-gauges.js';
import { create } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signUp } from '../support/client.js';
import { rowsRead } from '../support/rows-read.js';

const WAITING = 5_000;
/** One of them is that of the API. */
const FEW = 5;

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

test('a scrape reads a few of the generations that wait, however many there are', async () => {
  const statements: [string, unknown[]][] = [];
  const execute: SqlRunner['execute'] = async <Rows extends object[]>(statement: string, values: unknown[] = []) => {
    statements.push([statement, values]);
    return [] as object[] as Rows;
  };
  await new SharedGauges(new Registry(), { execute }, () => []).refresh();
  const [[statement, values] = ['', []]] = statements;
  expect(statements).toHaveLength(1);
  const reads = await rowsRead(app.database, 'generations', statement, values);
  expect(reads).toBeGreaterThan(0);
  expect(reads).toBeLessThanOrEqual(FEW);
});
