/** The schema: written down, described, and true to what clients rely on. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Change, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { createSchema } from '../../src/api/schema.js';

const run = promisify(execFile);

/** What the contract has and this version does not: each waits for the work that brings it. */
const LATER = [
  'CreateUploadInput',
  'File',
  'Generation.share',
  'Image.thumbnailUrl',
  'Mutation.createUpload',
  'Mutation.deleteWorkflow',
  'Mutation.saveWorkflow',
  'Mutation.shareGeneration',
  'Mutation.unshareGeneration',
  'Query.sharedGeneration',
  'Result.files',
  'Result.texts',
  'SaveWorkflowInput',
  'Share',
  'SharedGeneration',
  'Upload',
  'WorkflowInputBinding',
];

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema();
});

test('schema.graphql is what the code makes (npm run schema writes it)', async () => {
  // In a process of its own: the order of the types is that in which their modules were loaded.
  const { stdout } = await run(process.execPath, ['scripts/print-schema.mjs', '--stdout']);
  expect(await readFile('schema.graphql', 'utf8')).toBe(stdout);
});

test('of what clients rely on, nothing is missing but what comes later, and nothing is other than it was', async () => {
  const contract = buildSchema(await readFile('test/api/contract.graphql', 'utf8'));
  const changes = (await diff(contract, schema)).filter((change) => !isHarmless(change));
  expect(changes.filter(({ type }) => !type.endsWith('_REMOVED')).map(({ message }) => message)).toEqual([]);
  expect(changes.map(({ path }) => path).sort()).toEqual(LATER);
});

test('every type, field, argument and input field is described', () => {
  const silent: string[] = [];
  const expectWords = (name: string, description: string | null | undefined) => {
    if (!description?.trim()) silent.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name)) continue;
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
      (root) => root === type,
    );
    if (!isRoot) expectWords(type.name, type.description);
    if (isEnumType(type) || !(isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      expectWords(`${type.name}.${field.name}`, field.description);
      for (const argument of 'args' in field ? field.args : [])
        expectWords(`${type.name}.${field.name}(${argument.name}:)`, argument.description);
    }
  }
  expect(silent).toEqual([]);
});

test('only what can be fetched again by its id has a field `id`: caches take two of the same type and id for one record', () => {
  const wrong = Object.values(schema.getTypeMap()).filter(
    (type) =>
      isObjectType(type) && 'id' in type.getFields() && !type.getInterfaces().some(({ name }) => name === 'Node'),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

/** Additions, and better words. */
const isHarmless = ({ type }: Change): boolean => type.endsWith('_ADDED') || type.includes('DESCRIPTION');
