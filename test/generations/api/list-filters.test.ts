/** Filters of a list of generations. */
import { type Client, signUp } from '../../support/client.js';
import {
  COUNT,
  type Entry,
  idsOf,
  type Listed,
  list as listOf,
  PROMPTS,
  START,
  sorted,
  startListed,
} from './listed.js';

let listed: Listed;
let alice: Client;
beforeAll(async () => {
  listed = await startListed();
  alice = listed.alice;
});
afterAll(() => listed?.app.close());

const list = (variables: Record<string, unknown>, client = alice) => listOf(client, variables);

describe('a filter by', () => {
  test.each<[claim: string, filter: Record<string, unknown>, keep: (entry: Entry) => boolean]>([
    ['one status', { status: ['FAILED'] }, ({ status }) => status === 'FAILED'],
    ['two statuses', { status: ['FAILED', 'PENDING'] }, ({ status }) => ['FAILED', 'PENDING'].includes(status)],
    ['a workflow', { workflow: 'test-card' }, ({ workflow_name }) => workflow_name === 'test-card'],
    ['a part of the prompt in capitals', { search: 'BEAUTIFUL' }, ({ prompt }) => prompt === PROMPTS[0]],
    ['Cyrillic in small letters', { search: 'вечерняя' }, ({ prompt }) => prompt === PROMPTS[1]],
    ['Cyrillic in capitals', { search: 'ГОРА' }, ({ prompt }) => prompt === PROMPTS[1]],
    ['Greek in capitals, with any form of the final sigma', { search: 'ΣΕΎΣ' }, ({ prompt }) => prompt === PROMPTS[2]],
    ['Greek in small letters', { search: 'οδος και φως' }, ({ prompt }) => prompt === PROMPTS[3]],
    ['a script without cases', { search: '湖' }, ({ prompt }) => prompt === PROMPTS[4]],
    ['characters of SQL patterns', { search: '% \\ _' }, ({ prompt }) => prompt === PROMPTS[5]],
    ['an accent', { search: 'CAFÉ' }, ({ prompt }) => prompt === PROMPTS[5]],
    [
      'after an instant',
      { createdAfter: new Date(START + 5).toISOString() },
      ({ created_at }) => Date.parse(created_at) > START + 5,
    ],
    [
      'before an instant',
      { createdBefore: new Date(START + 5).toISOString() },
      ({ created_at }) => Date.parse(created_at) < START + 5,
    ],
    [
      'several conditions',
      {
        status: ['COMPLETED', 'FAILED'],
        workflow: 'test-card',
        search: 'LANDSCAPE',
        createdAfter: '2025-12-31T23:59:59Z',
      },
      ({ status, workflow_name, prompt }) =>
        ['COMPLETED', 'FAILED'].includes(status) && workflow_name === 'test-card' && prompt === PROMPTS[0],
    ],
  ])('%s', async (_claim, filter, keep) => {
    const expected = sorted({ field: 'CREATED_AT', direction: 'DESC' }, keep);
    expect(expected.length).toBeGreaterThan(0);
    const page = await list({ first: 100, filter });
    expect(idsOf(page)).toEqual(expected);
    expect(page.totalCount).toBe(expected.length);
  });

  test('a model’s name or filename', async () => {
    const { data } = await alice.ask('{ generations(first: 1) { nodes { model { name filename } } } }');
    const { name, filename } = data.generations.nodes[0].model;
    for (const model of [name, filename]) expect((await list({ filter: { model } })).totalCount).toBe(COUNT);
    expect((await list({ filter: { model: 'dreamshaper-8.safetensors' } })).totalCount).toBe(
      name === 'dreamshaper-8' ? COUNT : 0,
    );
  });

  test('another condition than on the previous page continues from the same cursor', async () => {
    const isFailed = ({ status }: Entry) => status === 'FAILED';
    const whole = sorted({ field: 'CREATED_AT', direction: 'DESC' });
    const failed = new Set(sorted({ field: 'CREATED_AT', direction: 'DESC' }, isFailed));
    const { pageInfo } = await list({ first: 10 });
    const filter = { status: ['FAILED'] };
    const page = await list({ first: 3, after: pageInfo.endCursor, filter });
    expect(idsOf(page)).toEqual(
      whole
        .slice(10)
        .filter((id) => failed.has(id))
        .slice(0, 3),
    );
    expect(page.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
    expect(page.totalCount).toBe(failed.size);
    // No generation that matches the new filter lies before the cursor.
    const none = await list({
      after: pageInfo.endCursor,
      filter: { createdBefore: new Date(START + 5).toISOString() },
    });
    expect(none.pageInfo.hasPreviousPage).toBe(false);
  });
});

test('a list contains no other user’s generations', async () => {
  const bob = await signUp(listed.app.url);
  const { edges } = await list({ first: 1 });
  for (const variables of [{}, { after: edges[0].cursor }, { before: edges[0].cursor, last: 5 }]) {
    const page = await list(variables, bob);
    expect(page).toMatchObject({ edges: [], totalCount: 0, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
  }
});
