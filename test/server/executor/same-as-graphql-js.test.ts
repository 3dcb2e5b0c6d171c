/** The executor returns what graphql-js returns, whatever the document, the variables and the resolvers are. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import {
  buildSchema,
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  execute as executeByGraphqlJs,
  parse,
} from 'graphql';
import { execute } from '../../../src/server/executor/execute.js';
import { generatedDocuments, REPLACEMENT } from './generated-documents.js';
import { buildUnreliableSchema, type Seeded } from './unreliable-schema.js';

const schema = buildUnreliableSchema(readFileSync('schema.graphql', 'utf8'));

type Executor = (args: ExecutionArgs) => ExecutionResult | Promise<ExecutionResult>;

/** What a client and the log see of a result, and which resolvers ran with which arguments and information. */
async function outcome(by: Executor, document: DocumentNode, variables: Record<string, unknown>, seed: number) {
  const contextValue: Seeded = { seed, calls: [] };
  const { data, errors } = await by({ schema, document, variableValues: variables, contextValue });
  return {
    data: JSON.stringify(data),
    errors: errors?.map((error) => ({
      ...error.toJSON(),
      nodes: error.nodes?.length,
      cause: error.originalError?.constructor.name,
    })),
    calls: contextValue.calls,
  };
}

async function expectSame(document: DocumentNode, variables: Record<string, unknown>, seed: number): Promise<void> {
  const expected = await outcome(executeByGraphqlJs, document, variables, seed);
  // The second execution has the plan of the first.
  expect(await outcome(execute, document, variables, seed)).toEqual(expected);
  expect(await outcome(execute, document, variables, seed)).toEqual(expected);
}

test('most of the generated documents are valid, and not replaced', () => {
  for (const name of ['Query', 'Mutation', 'Subscription']) {
    const drawn = fc.sample(generatedDocuments(schema, schema.getType(name) as never), 100);
    expect(drawn.filter(({ text }) => text !== REPLACEMENT).length).toBeGreaterThan(60);
  }
});

test.each(['Query', 'Mutation', 'Subscription'])(
  '%s: generated documents have the same result, errors and calls',
  async (name) => {
    const root = schema.getType(name) as never;
    await fc.assert(
      fc.asyncProperty(generatedDocuments(schema, root), fc.nat({ max: 10_000 }), async ({ text, variables }, seed) => {
        const document = parse(text);
        await expectSame(document, variables, seed);
        // Other values of the conditions, and variables that are missing or invalid.
        await expectSame(document, { ...variables, yes: !variables.yes, no: true }, seed);
        await expectSame(document, { ...variables, no: null, int: 'x' }, seed);
        await expectSame(document, { no: null }, seed);
      }),
      { numRuns: 25, endOnFailure: true },
    );
  },
);

const HOSTILE: [name: string, text: string, variables?: Record<string, unknown>][] = [
  [
    'keys of prototypes',
    '{ __proto__: viewer { __proto__: id constructor: email toString: role then: id } then: __typename }',
  ],
  [
    'code in texts',
    '{ node(id: "\\"); throw 1; (\\"") { id } b: node(id: "`$`") { id } c: node(id: "\\u2028") { __typename } }',
  ],
  [
    'placeholders of a code generator in texts',
    '{ node(id: "__MAGIC_DATE__33a9e76d_02e0_4128_8e92_3530ad3da74d0), b: (globalThis.isReached = true), c: (0") { id } }',
  ],
  [
    'a fragment that is skipped first and included then',
    'query ($yes: Boolean!) { ...F @skip(if: true) ...F viewer { ...G @include(if: $yes) id } viewer { ...G email } } fragment F on Query { __typename } fragment G on User { role id }',
    { yes: false },
  ],
  [
    'a condition whose variable is null',
    'query ($if: Boolean! = true) { viewer { id @skip(if: $if) email } }',
    { if: null },
  ],
  [
    'an invalid variable',
    'query ($id: ID!, $first: Int) { node(id: $id) { id } generations(first: $first) { totalCount } }',
    { id: {}, first: 'x' },
  ],
  [
    'a prototype in JSON',
    'mutation { createGeneration(input: { workflow: "w", inputs: { __proto__: { isReached: true } } }) { id } }',
  ],
  [
    'introspection',
    '{ __schema { queryType { name fields { name args { defaultValue } } } } __type(name: "Node") { possibleTypes { name } } }',
  ],
];

test.each(HOSTILE)('%s have the same result, errors and calls', async (_, text, variables = {}) => {
  for (let seed = 0; seed < 20; seed += 1) await expectSame(parse(text), variables, seed);
  expect('isReached' in globalThis || 'isReached' in {}).toBe(false);
});

test('a plan follows the variables of its conditions', async () => {
  const document = parse(
    'query ($a: Boolean!, $b: Boolean!) { viewer { id @skip(if: $a) ... @include(if: $b) { email } role } }',
  );
  for (const seed of [1, 2, 3])
    for (const a of [true, false]) for (const b of [true, false]) await expectSame(document, { a, b }, seed);
});

test('an item that fails after its list has failed does not end the process', async () => {
  const list = buildSchema('type Query { items: [Item!] } type Item { id: ID! }');
  const items = [
    Promise.reject(new Error('late')),
    {
      id: () => {
        throw new Error('at once');
      },
    },
  ];
  const result = await execute({ schema: list, document: parse('{ items { id } }'), rootValue: { items } });
  expect(result).toMatchObject({ data: { items: null }, errors: [{ message: 'at once' }] });
});
