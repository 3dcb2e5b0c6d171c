/** Pages of generations: every page boundary, in both directions, under every order. */
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type Client, signUp } from '../../support/client.js';
import { copyGenerations } from '../../support/rows.js';
import {
  COUNT,
  entries,
  idsOf,
  type Listed,
  list as listOf,
  type Order,
  START,
  STATUSES,
  sorted,
  startListed,
} from './listed.js';

const ORDERS: Order[] = (['CREATED_AT', 'COMPLETED_AT'] as const).flatMap((field) =>
  (['ASC', 'DESC'] as const).map((direction) => ({ field, direction })),
);

let listed: Listed;
let alice: Client;
beforeAll(async () => {
  listed = await startListed();
  alice = listed.alice;
});
afterAll(() => listed?.app.close());

const list = (variables: Record<string, unknown>, client = alice) => listOf(client, variables);

/** Two generations after a cursor and two before it. */
const AROUND_CURSOR = `query ($cursor: String, $orderBy: GenerationOrder) {
  after: generations(first: 2, after: $cursor, orderBy: $orderBy) { ...Page }
  before: generations(last: 2, before: $cursor, orderBy: $orderBy) { ...Page }
}
fragment Page on GenerationConnection { nodes { id } pageInfo { hasNextPage hasPreviousPage } }`;

/** Reads pages from the start until the last. */
async function forward(size: number, variables: Record<string, unknown>): Promise<string[][]> {
  const pages: string[][] = [];
  for (let after: string | null = null; ; ) {
    const page = await list({ ...variables, first: size, after });
    expect(page.pageInfo.hasPreviousPage).toBe(pages.length > 0);
    pages.push(idsOf(page));
    if (!page.pageInfo.hasNextPage) return pages;
    after = page.pageInfo.endCursor;
  }
}

/** Reads pages from the end until the first. */
async function backward(size: number, variables: Record<string, unknown>): Promise<string[][]> {
  const pages: string[][] = [];
  for (let before: string | null = null; ; ) {
    const page = await list({ ...variables, last: size, before });
    expect(page.pageInfo.hasNextPage).toBe(pages.length > 0);
    pages.unshift(idsOf(page));
    if (!page.pageInfo.hasPreviousPage) return pages;
    before = page.pageInfo.startCursor;
  }
}

describe.each(ORDERS)('by $field $direction', (orderBy) => {
  test('pages of seven make up the whole list, forward and backward, and every page but the last is full', async () => {
    const whole = sorted(orderBy);
    const pages = await forward(7, { orderBy });
    expect(pages.flat()).toEqual(whole);
    expect(pages.map(({ length }) => length)).toEqual([7, 7, 7, 7, 7, 7, 3]);
    const fromTheEnd = await backward(7, { orderBy });
    expect(fromTheEnd.flat()).toEqual(whole);
    expect(fromTheEnd.map(({ length }) => length)).toEqual([3, 7, 7, 7, 7, 7, 7]);
  });

  test('the pages after and before any cursor meet there', async () => {
    const whole = sorted(orderBy);
    const { edges } = await list({ first: 100, orderBy });
    for (const [index, { cursor, node }] of edges.entries()) {
      expect(node.id).toBe(whole[index]);
      const { data } = await alice.ask(AROUND_CURSOR, { cursor, orderBy });
      const { after, before } = data;
      expect(idsOf(after)).toEqual(whole.slice(index + 1, index + 3));
      expect(idsOf(before)).toEqual(whole.slice(Math.max(0, index - 2), index));
      expect(after.pageInfo).toMatchObject({ hasNextPage: index + 3 < COUNT, hasPreviousPage: true });
      expect(before.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: index > 2 });
    }
  });
});

test('unfinished generations come first under COMPLETED_AT DESC and last under ASC', async () => {
  const unfinished = new Set(entries.filter(({ status }) => status === 'PENDING').map(({ id }) => id));
  const isUnfinished = async (direction: string) =>
    idsOf(await list({ first: 100, orderBy: { field: 'COMPLETED_AT', direction } })).map((id) => unfinished.has(id));
  const expected = entries.map((_, index) => index < unfinished.size);
  expect(await isUnfinished('DESC')).toEqual(expected);
  expect(await isUnfinished('ASC')).toEqual([...expected].reverse());
});

test('without arguments the list returns the twenty newest and the total count', async () => {
  const page = await list({});
  expect(idsOf(page)).toEqual(sorted({ field: 'CREATED_AT', direction: 'DESC' }).slice(0, 20));
  expect(page.edges.map(({ node }: { node: { id: string } }) => node.id)).toEqual(idsOf(page));
  expect(page.totalCount).toBe(COUNT);
  expect(page.pageInfo).toEqual({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: page.edges[0].cursor,
    endCursor: page.edges[19].cursor,
  });
});

test('`after` and `before` together return the generations between the cursors', async () => {
  const orderBy: Order = { field: 'CREATED_AT', direction: 'DESC' };
  const whole = sorted(orderBy);
  const { edges } = await list({ first: 100 });
  const between = { after: edges[9].cursor, before: edges[20].cursor };
  const all = await list({ first: 50, ...between });
  expect(idsOf(all)).toEqual(whole.slice(10, 20));
  expect(all.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  expect(idsOf(await list({ first: 3, ...between }))).toEqual(whole.slice(10, 13));
  expect(idsOf(await list({ last: 3, ...between }))).toEqual(whole.slice(17, 20));
  const none = await list({ first: 3, after: edges[20].cursor, before: edges[9].cursor });
  expect(none.nodes).toEqual([]);
  expect(none.pageInfo).toMatchObject({ startCursor: null, endCursor: null });
});

test('a new generation at the head and a deleted one at the cursor do not shift the next page', async () => {
  const bob = await signUp(listed.app.url);
  const ids = Array.from({ length: 10 }, () => randomUUID());
  const at = (index: number) => new Date(START + index).toISOString();
  const rowOf = (id: string, index: number) => ({ id, user_id: bob.id, created_at: at(index), status: 'FAILED' });
  await copyGenerations(listed.app.database.url, listed.original, ids.map(rowOf));
  const newest = [...ids].reverse();
  const first = await list({ first: 4 }, bob);
  expect(idsOf(first)).toEqual(newest.slice(0, 4));
  await copyGenerations(listed.app.database.url, listed.original, [rowOf(randomUUID(), 100)]);
  await bob.ask(`mutation { deleteGeneration(id: "${newest[3]}") }`);
  const second = await list({ first: 4, after: first.pageInfo.endCursor }, bob);
  expect(idsOf(second)).toEqual(newest.slice(4, 8));
});

test('for any page size, order, filter and direction the pages make up the list', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 60 }),
      fc.constantFrom(...ORDERS),
      fc.option(fc.subarray(['PENDING', ...STATUSES], { minLength: 1 }), { nil: null }),
      fc.boolean(),
      async (size, orderBy, status, isBackward) => {
        const expected = sorted(orderBy, (entry) => status === null || status.includes(entry.status));
        const pages = await (isBackward ? backward : forward)(size, { orderBy, filter: { status } });
        expect(pages.flat()).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});
