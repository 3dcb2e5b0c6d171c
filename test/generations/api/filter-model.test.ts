/**
 * Every filter alone and combined, against a plain model of the list.
 *
 * @slow: reads hundreds of pages.
 */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import type { Sql } from '../../../src/db/sql.js';
import { MAX_SEARCH_COUNT, selectCount } from '../../../src/generations/api/count.js';
import {
  type GenerationFilter,
  GenerationOrderField,
  SortDirection,
} from '../../../src/generations/api/list-inputs.js';
import { selectPage } from '../../../src/generations/api/positions.js';
import { foldDeltas } from '../../../src/generations/upkeep/fold-deltas.js';
import { openDatabase } from '../../../src/orm.js';
import { type Client, signUp } from '../../support/client.js';
import { copyGenerations } from '../../support/rows.js';
import { idsOf, type Listed, list, START, startListed } from './listed.js';

const STATUSES = ['PENDING', 'PROCESSING', 'CANCELING', 'COMPLETED', 'FAILED', 'CANCELED'];
const WORKFLOWS = ['text-to-image', 'test-card', 'upscale'];
const MODELS = ['one', 'two', 'unused'];
/** In the order of their bits. */
const KINDS = ['IMAGE', 'VIDEO', 'AUDIO', 'MODEL_3D', 'TEXT', 'LATENT', 'FILE'] as const;
type OutputKind = (typeof KINDS)[number];
const KINDS_OF_ONE: OutputKind[][] = [['IMAGE'], ['VIDEO', 'AUDIO'], [], ['IMAGE', 'TEXT'], ['MODEL_3D']];
const PROMPTS = [
  'a cat',
  'A CAT in the night',
  'Nacht',
  '夜の街',
  '夜',
  'x',
  'ǆungla straße',
  '',
  '\u{1F408} cat',
  'aaa',
];
const SEARCHES = [
  'a',
  'CAT',
  'cat ',
  'STRASSE',
  '夜',
  '夜の',
  '\u{1F408}',
  'zz',
  'aa',
  'aaaa',
  'x',
  'none of them',
  '',
  'at in',
];
const COUNT = 120;

type Entry = {
  id: string;
  status: string;
  /** Bits: kind-bits.ts. */
  output_kinds: number;
  prompt: string;
  workflow_name: string;
  model_id: string | null;
  created_at: string;
  completed_at: string | null;
};
type Filter = {
  status?: string[] | null;
  outputKind?: OutputKind[] | null;
  workflow?: string | null;
  model?: string | null;
  search?: string | null;
  createdAfter?: string | null;
  createdBefore?: string | null;
};

const models = new Map(MODELS.map((name) => [name, randomUUID()]));
/** Hours from the start, which is a midnight in UTC: the entries are of seven days. */
const STRIDE_HOURS = 6;
const HOUR_MS = 3_600_000;
const at = (hours: number, milliseconds = 0): string => new Date(START + hours * HOUR_MS + milliseconds).toISOString();
const pick = <T>(values: readonly T[], index: number): T => values[index % values.length] as T;

/** Strides without a common factor spread the combinations; four share an instant. */
const entries: Entry[] = Array.from({ length: COUNT }, (_, index) => ({
  id: randomUUID(),
  status: pick(STATUSES, index * 5),
  output_kinds: pick(KINDS_OF_ONE, index * 3).reduce((bits, kind) => bits | (1 << KINDS.indexOf(kind)), 0),
  prompt: pick(PROMPTS, index * 7),
  workflow_name: pick(WORKFLOWS.slice(0, 2), index >> 1),
  model_id: pick([models.get('one') ?? null, models.get('two') ?? null, null, models.get('one') ?? null], index >> 2),
  created_at: at((index >> 2) * STRIDE_HOURS),
  completed_at: index % 6 > 2 ? at(1_000 - (index >> 3)) : null,
}));

const caseless = (text: string): string =>
  text.normalize('NFKC').toLowerCase().replaceAll('ß', 'ss').replaceAll('ǆ', 'dž').normalize('NFKC');
const meets = (entry: Entry, filter: Filter): boolean =>
  (filter.status == null || filter.status.includes(entry.status)) &&
  (filter.outputKind == null ||
    filter.outputKind.some((kind) => (entry.output_kinds & (1 << KINDS.indexOf(kind))) !== 0)) &&
  (filter.workflow == null || filter.workflow === entry.workflow_name) &&
  (filter.model == null || (entry.model_id !== null && models.get(filter.model) === entry.model_id)) &&
  (filter.search == null || caseless(entry.prompt).includes(caseless(filter.search))) &&
  (filter.createdAfter == null || entry.created_at > filter.createdAfter) &&
  (filter.createdBefore == null || entry.created_at < filter.createdBefore);

type Order = { field: 'CREATED_AT' | 'COMPLETED_AT'; direction: 'ASC' | 'DESC' };
const keyOf = (entry: Entry, { field }: Order): string =>
  `${field === 'CREATED_AT' ? entry.created_at : (entry.completed_at ?? '9999')} ${entry.id}`;
function expectedOf(filter: Filter, order: Order): string[] {
  const kept = entries.filter((entry) => meets(entry, filter));
  kept.sort((a, b) => (keyOf(a, order) < keyOf(b, order) ? -1 : 1));
  if (order.direction === 'DESC') kept.reverse();
  return kept.map(({ id }) => id);
}

let listed: Listed;
beforeAll(async () => {
  listed = await startListed([]);
  for (const [name, id] of models)
    await listed.app.database.query(
      `insert into models (id, kind, name, filename) values ($1, 'CHECKPOINT', $2, $2 || '.safetensors')`,
      [id, name],
    );
});
afterAll(() => listed?.app.close());

const insert = (userId: string, rows: Entry[]) =>
  copyGenerations(
    listed.app.database.url,
    listed.original,
    rows.map((entry) => ({ ...entry, user_id: userId })),
  );

async function withOrm<T>(work: (orm: MikroORM) => Promise<T>): Promise<T> {
  const orm = await openDatabase(listed.app.database.url);
  return await work(orm).finally(() => orm.close());
}
const fold = () => withOrm((orm) => foldDeltas(orm.em.fork()));
/** What is folded next begins another block for searching. */
const fillBlocks = () => listed.app.database.query('update search_blocks set number = 1000000');

const optional = <T>(values: fc.Arbitrary<T>) => fc.option(values, { nil: null, freq: 1 });
const anyDate = fc
  .tuple(fc.integer({ min: -2, max: COUNT / 4 + 2 }), fc.integer({ min: -1, max: 1 }))
  .map(([nth, milliseconds]) => at(nth * STRIDE_HOURS, milliseconds));
const anyFilter: fc.Arbitrary<Filter> = fc.record({
  status: optional(fc.subarray(STATUSES)),
  outputKind: optional(fc.subarray([...KINDS])),
  workflow: optional(fc.constantFrom(...WORKFLOWS)),
  model: optional(fc.constantFrom(...MODELS, 'never seen')),
  search: optional(fc.constantFrom(...SEARCHES)),
  createdAfter: optional(anyDate),
  createdBefore: optional(anyDate),
});
const anySize = fc.integer({ min: 1, max: 100 });
const anyOrder: fc.Arbitrary<Order> = fc.record({
  field: fc.constantFrom('CREATED_AT', 'COMPLETED_AT'),
  direction: fc.constantFrom('ASC', 'DESC'),
});

const RUNS = { numRuns: 40 };

/** A value of each filter, and every two of them. */
const VALUES: Filter[] = [
  { status: ['COMPLETED', 'PENDING'] },
  { workflow: 'test-card' },
  { outputKind: ['VIDEO', 'TEXT'] },
  { model: 'one' },
  { search: 'CAT' },
  { search: 'aaaa' },
  { createdAfter: at(STRIDE_HOURS * 5, -1) },
  { createdBefore: at(STRIDE_HOURS * 26, 1) },
];
const PAIRS = VALUES.flatMap((one, index) => VALUES.slice(index + 1).map((other) => ({ ...one, ...other })));
const ORDERS: Order[] = (['CREATED_AT', 'COMPLETED_AT'] as const).flatMap((field) => [
  { field, direction: 'ASC' },
  { field, direction: 'DESC' },
]);

async function check(client: Client, filter: Filter, orderBy: Order, size: number, isBackward: boolean): Promise<void> {
  const expected = expectedOf(filter, orderBy);
  const page = await list(client, { filter, orderBy, ...(isBackward ? { last: size } : { first: size }) });
  const shown = isBackward ? expected.slice(-size) : expected.slice(0, size);
  expect(idsOf(page)).toEqual(shown);
  expect(page.totalCount).toBe(expected.length);
  if (shown.length === 0) return;
  const { startCursor, endCursor } = page.pageInfo;
  const around = isBackward ? { last: size, before: startCursor } : { first: size, after: endCursor };
  const next = await list(client, { filter, orderBy, ...around });
  expect(idsOf(next)).toEqual(isBackward ? expected.slice(0, -size).slice(-size) : expected.slice(size, 2 * size));
  expect(next.pageInfo).toMatchObject(isBackward ? { hasNextPage: true } : { hasPreviousPage: true });
}

test('any filter in any order yields what a plain model yields, before the cleaner has run and after', async () => {
  // Counts, blocks and deltas then all have a part of each day.
  for (const third of [0, 1, 2]) {
    await fillBlocks();
    await insert(
      listed.alice.id,
      entries.filter((_, index) => index % 3 === third),
    );
    if (third < 2) await fold();
  }
  const checkAny = () =>
    fc.assert(
      fc.asyncProperty(anyFilter, anyOrder, anySize, fc.boolean(), (...drawn) => check(listed.alice, ...drawn)),
      RUNS,
    );
  await checkAny();
  await fillBlocks();
  await fold();
  await checkAny();
});

test('every two filters in every order yield what a plain model yields', async () => {
  for (const filter of PAIRS)
    for (const [index, order] of ORDERS.entries()) await check(listed.alice, filter, order, 7, index % 3 === 0);
});

test('a search behind thousands of other prompts yields what a plain model yields, and counts no more than its limit', async () => {
  const bob = await signUp(listed.app.url);
  const others = Array.from({ length: 3_100 }, (_, index) => ({
    id: randomUUID(),
    status: 'COMPLETED',
    output_kinds: 1,
    prompt: '-',
    workflow_name: 'text-to-image',
    model_id: null,
    created_at: at(10_000 + index),
    completed_at: at(20_000),
  }));
  // Ids of one's own: a generation has one owner.
  const behind = new Map(entries.map((entry) => [randomUUID(), entry]));
  await insert(bob.id, others);
  await insert(
    bob.id,
    [...behind].map(([id, entry]) => ({ ...entry, id })),
  );
  const all = await list(bob, { filter: { search: '-' } });
  expect(all.totalCount).toBe(MAX_SEARCH_COUNT);
  const idsIn = (kept: Filter) =>
    [...behind]
      .filter(([, entry]) => meets(entry, kept))
      .map(([id]) => id)
      .sort();
  const checkAny = () =>
    fc.assert(
      fc.asyncProperty(
        anyFilter,
        fc.constantFrom(...SEARCHES.filter(Boolean)),
        anyOrder,
        async (rest, search, orderBy) => {
          const filter = { ...rest, search };
          const page = await list(bob, { filter, orderBy, first: 100 });
          expect(idsOf(page).sort()).toEqual(idsIn(filter));
          expect(page.totalCount).toBe(idsIn(filter).length);
        },
      ),
      RUNS,
    );
  await checkAny();
  await fold();
  await checkAny();
});

test.each<[claim: string, filter: Filter]>([
  ['an unknown model', { model: 'never seen' }],
  ['a model that the user has not used', { model: 'unused' }],
  ['an unknown workflow', { workflow: 'never seen' }],
  ['a kind of output that no generation has', { outputKind: ['LATENT'] }],
  ['a status that no generation has', { status: ['PROCESSING'], workflow: 'upscale' }],
  ['a text that no prompt of ended generations has', { search: 'none of them', status: ['COMPLETED', 'FAILED'] }],
])('%s is answered without reading generations', async (_, filter) => {
  for (const field of ['CREATED_AT', 'COMPLETED_AT'] as const) {
    const listing = {
      userId: listed.alice.id,
      page: { size: 20, backward: false, after: null, before: null },
      filter: filter as GenerationFilter,
      order: { field: GenerationOrderField[field], direction: SortDirection.DESC },
    };
    for (const statement of [selectPage(listing), selectCount(listing)]) expect(await readsOf(statement)).toBe(0);
  }
});

test('counting all generations, or those of a status, a model, a workflow or a kind of output, reads none of them', async () => {
  for (const filter of [
    {},
    { status: ['COMPLETED'], model: 'one', workflow: 'test-card' },
    { outputKind: ['VIDEO'] },
  ]) {
    const page = { size: 20, backward: false, after: null, before: null };
    const order = { field: GenerationOrderField.CREATED_AT, direction: SortDirection.DESC };
    const statement = selectCount({ userId: listed.alice.id, page, filter: filter as GenerationFilter, order });
    expect(await readsOf(statement)).toBe(0);
  }
});

type Plan = { 'Relation Name'?: string; 'Actual Loops': number; Plans?: Plan[] };
const flat = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flat)];

/** How often the execution of a statement scans generations. */
const readsOf = ({ text, values }: Sql): Promise<number> =>
  withOrm(async ({ em }) => {
    const [row] = await em.execute<{ 'QUERY PLAN': { Plan: Plan }[] }[]>(`explain (analyze, format json) ${text}`, [
      ...values,
    ]);
    const plans = (row?.['QUERY PLAN'] ?? [])
      .flatMap(({ Plan }) => flat(Plan))
      .filter((plan) => plan['Relation Name'] === 'generations');
    return plans.reduce((sum, plan) => sum + plan['Actual Loops'], 0);
  });
