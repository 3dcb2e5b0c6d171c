/** Unknown ids, and ids of another user's objects. */
import { randomUUID } from 'node:crypto';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';
import { errorOf, SUBSCRIPTION_TRANSPORTS, TRANSPORTS } from '../support/transports.js';
import { until } from '../support/until.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
/** Alice's generations: one is finished, with a result and an image; the simulator holds the other. */
let done: { id: string; result: { id: string; images: { id: string }[] } };
let running: { id: string };

const CREATE = 'mutation { createGeneration(input: { prompt: "x", steps: 1 }) { id } }';
beforeAll(async () => {
  app = await startTestApp();
  [alice, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  const { id } = (await alice.ask(CREATE)).data.createGeneration;
  done = await until(async () => {
    const { data } = await alice.ask(`{ generation(id: "${id}") { id result { id images { id } } } }`);
    return data.generation.result && data.generation;
  }, 'the first generation to be done');
  app.simulator.hold();
  running = (await alice.ask(CREATE)).data.createGeneration;
  // From then on the held generation does not change.
  await until(async () => {
    const { data } = await alice.ask(`{ generation(id: "${running.id}") { startedAt } }`);
    return data.generation.startedAt;
  }, 'the second generation to start');
});
afterAll(() => app?.close());

const OPERATIONS: [field: string, document: string][] = [
  ['generation', 'query ($id: ID!) { generation(id: $id) { id } }'],
  ['cancelGeneration', 'mutation ($id: ID!) { cancelGeneration(id: $id) { id } }'],
  ['deleteGeneration', 'mutation ($id: ID!) { deleteGeneration(id: $id) }'],
];
const NODE = 'query ($id: ID!) { node(id: $id) { id } }';
const WATCH = 'subscription ($id: ID!) { generationUpdated(id: $id) { id } }';

const INVALID_IDS: [claim: string, id: string][] = [
  ['an unknown id', randomUUID()],
  ['an empty id', ''],
  ['a number', '1'],
  ['SQL', "1' or '1'='1"],
  ['a path', '../../etc/passwd'],
  ['a padded id', ` ${randomUUID()} `],
  ['a NUL character', '\0'],
  ['10,000 characters', 'a'.repeat(10_000)],
];

describe.each(TRANSPORTS)('over %s', (_, send) => {
  describe.each(OPERATIONS)('%s', (field, query) => {
    test.each(INVALID_IDS)('of %s is NOT_FOUND', async (_claim, id) => {
      const answer = await send(app.url, alice.token, { query, variables: { id } });
      expect(errorOf(answer)).toEqual({ code: 'NOT_FOUND', path: [field] });
    });

    test('of another user’s generation is FORBIDDEN, and changes nothing', async () => {
      const read = async () => (await alice.ask('{ generations { nodes { id status revision } } }')).data;
      const before = await read();
      for (const { id } of [running, done]) {
        const answer = await send(app.url, bob.token, { query, variables: { id } });
        expect(errorOf(answer)).toEqual({ code: 'FORBIDDEN', path: [field] });
        expect(answer.data).toEqual({ [field]: null });
      }
      expect(await read()).toEqual(before);
    });
  });

  test.each(INVALID_IDS)('node of %s is null', async (_claim, id) => {
    expect(await send(app.url, alice.token, { query: NODE, variables: { id } })).toEqual({ data: { node: null } });
  });

  test('node of another user’s object is FORBIDDEN, for every type', async () => {
    for (const id of [done.id, running.id, done.result.id, done.result.images[0]?.id, alice.id]) {
      const answer = await send(app.url, bob.token, { query: NODE, variables: { id } });
      expect(errorOf(answer)).toEqual({ code: 'FORBIDDEN', path: ['node'] });
    }
  });

  test('another user’s image as source is FORBIDDEN, and nothing is created', async () => {
    const answer = await send(app.url, bob.token, {
      query: 'mutation ($source: ID!) { createGeneration(input: { prompt: "x", source: $source }) { id } }',
      variables: { source: done.result.images[0]?.id },
    });
    expect(errorOf(answer)).toEqual({ code: 'FORBIDDEN', path: ['createGeneration'] });
    expect((await bob.ask('{ generations { totalCount } }')).data.generations.totalCount).toBe(0);
  });
});

describe.each(SUBSCRIPTION_TRANSPORTS)('watching over %s', (_, send) => {
  const watched = ({ token }: Client, id: string) => send(app.url, token, { query: WATCH, variables: { id } });

  test.each(INVALID_IDS)('%s is NOT_FOUND', async (_claim, id) => {
    expect(errorOf(await watched(alice, id))).toEqual({ code: 'NOT_FOUND', path: ['generationUpdated'] });
  });

  test('another user’s generation is FORBIDDEN, and shows no data', async () => {
    for (const { id } of [running, done])
      expect(errorOf(await watched(bob, id))).toEqual({ code: 'FORBIDDEN', path: ['generationUpdated'] });
  });

  test('an anonymous caller gets UNAUTHENTICATED', async () => {
    for (const [field, query] of [
      ['generationUpdated', `subscription { generationUpdated(id: "${done.id}") { id } }`],
      ['generationsUpdated', 'subscription { generationsUpdated { generationId } }'],
    ] as const) {
      expect(errorOf(await send(app.url, undefined, { query }))).toEqual({
        code: 'UNAUTHENTICATED',
        path: [field],
      });
    }
  });
});

test('node finds every object with an id, with its type', async () => {
  const { data: known } = await alice.ask('{ models { id name } workflows { id name } backends { id name } }');
  const named = [...known.models, ...known.workflows, ...known.backends];
  const ids = [alice.id, done.id, done.result.id, done.result.images[0]?.id, ...named.map(({ id }) => id)];
  const found = [];
  for (const id of ids) {
    const { data, errors } = await alice.ask(
      `query ($id: ID!) { node(id: $id) {
         __typename id
         ... on User { email role createdAt }
         ... on Generation { status user { id } result { id } }
         ... on Result { createdAt generation { id } images { id } }
         ... on Image { width height url urlExpiresAt contentType byteSize thumbHash }
         ... on Model { name kind filename available }
         ... on Workflow { name version inputs { name } }
         ... on Backend { name state running pending lastSeenAt }
       } }`,
      { id },
    );
    expect(errors).toBeUndefined();
    expect(data.node.id).toBe(id);
    found.push(data.node.__typename);
  }
  expect(new Set(found)).toEqual(new Set(['User', 'Generation', 'Result', 'Image', 'Model', 'Workflow', 'Backend']));
});

describe('an upper-case id is the same id:', () => {
  test('its generation is watched to the end', async () => {
    const seen = [];
    for await (const { data, errors } of alice.watch(WATCH, { id: done.id.toUpperCase() })) seen.push(errors ?? data);
    expect(seen).toEqual([{ generationUpdated: { id: done.id } }]);
  });

  test('its generation is canceled and deleted', async () => {
    const { id } = (await alice.ask(CREATE)).data.createGeneration;
    const capitals = id.toUpperCase();
    const cancel = await alice.ask('mutation ($id: ID!) { cancelGeneration(id: $id) { id status } }', { id: capitals });
    expect(cancel.data.cancelGeneration).toEqual({ id, status: expect.stringMatching(/^CANCEL(ED|ING)$/) });
    const remove = await alice.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', { id: capitals });
    expect(remove).toEqual({ data: { deleteGeneration: id } });
  });
});

test('one of ten concurrent deletions succeeds, and the others are NOT_FOUND', async () => {
  const { id } = (await alice.ask(CREATE)).data.createGeneration;
  const answers = await Promise.all(
    Array.from({ length: 10 }, () => alice.ask('mutation ($id: ID!) { deleteGeneration(id: $id) }', { id })),
  );
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code));
  expect(codes).toEqual(Array(9).fill('NOT_FOUND'));
});
