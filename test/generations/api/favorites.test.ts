/** Favorites: marking them, lists of them, and the news of a mark. */
import { type Client, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';
import { begins, codeOf, create, dataOf, finishes, followAll, sql, tryRead } from '../support.js';
import {
  COUNT,
  type Entry,
  entries,
  idsOf,
  type Listed,
  list as listOf,
  START,
  sorted,
  startListed,
} from './listed.js';

/** Every seventh entry. */
const FAVORITES = new Set(entries.filter((_, index) => index % 7 === 0).map(({ id }) => id));
const isFavorite = ({ id }: Entry) => FAVORITES.has(id);
const MARK =
  'mutation ($id: ID!, $is: Boolean!) { favoriteGeneration(id: $id, isFavorite: $is) { id isFavorite revision } }';

let listed: Listed;
let alice: Client & { id: string };
const mark = async (id: string, is: boolean) => (await dataOf(alice.ask(MARK, { id, is }))).favoriteGeneration;
const list = (variables: Record<string, unknown>) => listOf(alice, variables);

beforeAll(async () => {
  listed = await startListed();
  alice = listed.alice;
  for (const id of FAVORITES) await mark(id, true);
});
afterAll(() => listed?.app.close());

describe.each([
  ['favorites', true],
  ['generations that are no favorites', false],
])('a list of %s', (_, wanted) => {
  test.each<[claim: string, filter: Record<string, unknown>, keep: (entry: Entry) => boolean]>([
    ['alone', {}, () => true],
    ['with a status', { status: ['COMPLETED'] }, ({ status }) => status === 'COMPLETED'],
    ['with a workflow', { workflow: 'test-card' }, ({ workflow_name }) => workflow_name === 'test-card'],
    ['with a search', { search: 'LANDSCAPE' }, ({ prompt }) => prompt.includes('landscape')],
    [
      'with dates',
      { createdAfter: new Date(START + 2).toISOString(), createdBefore: new Date(START + 12).toISOString() },
      ({ created_at }) => Date.parse(created_at) > START + 2 && Date.parse(created_at) < START + 12,
    ],
  ])('%s has exactly these, in both orders, and counts them', async (_claim, filter, keep) => {
    for (const field of ['CREATED_AT', 'COMPLETED_AT'] as const) {
      const expected = sorted({ field, direction: 'DESC' }, (entry) => isFavorite(entry) === wanted && keep(entry));
      expect(expected.length).toBeGreaterThan(0);
      const orderBy = { field, direction: 'DESC' };
      const page = await list({ first: 100, filter: { ...filter, isFavorite: wanted }, orderBy });
      expect(idsOf(page)).toEqual(expected);
      expect(page.totalCount).toBe(expected.length);
      const last = await list({ last: 2, filter: { ...filter, isFavorite: wanted }, orderBy });
      expect(idsOf(last)).toEqual(expected.slice(-2));
    }
  });
});

test('the filter null is no filter', async () => {
  expect((await list({ filter: { isFavorite: null } })).totalCount).toBe(COUNT);
});

test('the revision rises with the mark, and not when the mark is the same', async () => {
  const [id = ''] = entries.map((entry) => entry.id).filter((each) => !FAVORITES.has(each));
  const first = await mark(id, true);
  expect(first.isFavorite).toBe(true);
  expect(await mark(id, true)).toEqual(first);
  expect(await mark(id, false)).toEqual({ id, isFavorite: false, revision: first.revision + 1 });
});

test('another client of the user receives the mark of a generation that has ended', async () => {
  const bob = await signUp(listed.app.url);
  const { id } = await create(bob);
  await finishes(bob, id);
  const stream = await followAll(listed.app, bob);
  await begins(listed.app, stream, id);
  const { revision } = (await dataOf(bob.ask(MARK, { id, is: true }))).favoriteGeneration;
  await until(
    async () => stream.seen.some(({ kind, generation }) => kind === 'UPDATED' && generation?.revision === revision),
    'the mark to arrive',
  );
  await stream.leave();
});

test('a deleted generation is NOT_FOUND, and counts no longer', async () => {
  const [id = ''] = FAVORITES;
  const before = (await list({ filter: { isFavorite: true } })).totalCount;
  await sql(listed.app, 'update generations set deleted_at = now() where id = $1', [id]);
  expect(await codeOf(alice.ask(MARK, { id, is: false }))).toBe('NOT_FOUND');
  expect(await codeOf(tryRead(alice, id))).toBe('NOT_FOUND');
  expect((await list({ filter: { isFavorite: true } })).totalCount).toBe(before - 1);
});
