/** The schema: up to date in schema.graphql, described, and compatible with the contract. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { type Change, diff } from '@graphql-inspector/core';
import { buildSchema, type GraphQLSchema, isEnumType, isInputObjectType, isInterfaceType, isObjectType } from 'graphql';
import { createSchema } from '../../src/api/schema.js';

const run = promisify(execFile);

let schema: GraphQLSchema;
beforeAll(async () => {
  schema = await createSchema();
});

test('schema.graphql is up to date (npm run schema writes it)', async () => {
  // In its own process: the order of the types is the order in which their modules are loaded.
  const { stdout } = await run(process.execPath, ['scripts/print-schema.mjs', '--stdout']);
  expect(await readFile('schema.graphql', 'utf8')).toBe(stdout);
});

test('the schema differs from the contract only by additions', async () => {
  const contract = buildSchema(await readFile('test/api/contract.graphql', 'utf8'));
  const changes = (await diff(contract, schema)).filter((change) => !isHarmless(change));
  expect(changes.map(({ message }) => message)).toEqual([]);
});

test('every type, field, argument and input field has a description', () => {
  const undescribed: string[] = [];
  const expectDescription = (name: string, description: string | null | undefined) => {
    if (!description?.trim()) undescribed.push(name);
  };
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__') || ['String', 'Int', 'Float', 'Boolean', 'ID'].includes(type.name)) continue;
    const isRoot = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].some(
      (root) => root === type,
    );
    if (!isRoot) expectDescription(type.name, type.description);
    if (isEnumType(type) || !(isObjectType(type) || isInterfaceType(type) || isInputObjectType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      expectDescription(`${type.name}.${field.name}`, field.description);
      for (const argument of 'args' in field ? field.args : [])
        expectDescription(`${type.name}.${field.name}(${argument.name}:)`, argument.description);
    }
  }
  expect(undescribed).toEqual([]);
});

test('only a Node has a field `id`: caches merge objects with the same type and id', () => {
  const wrong = Object.values(schema.getTypeMap()).filter(
    (type) =>
      isObjectType(type) && 'id' in type.getFields() && !type.getInterfaces().some(({ name }) => name === 'Node'),
  );
  expect(wrong.map(({ name }) => name)).toEqual([]);
});

test('a field is a property of its source, unless a method computes it', () => {
  const type = schema.getType('Image');
  const computed = Object.values(isObjectType(type) ? type.getFields() : {}).filter(({ resolve }) => resolve);
  expect(computed.map(({ name }) => name).sort()).toEqual([
    'byteSize',
    'filename',
    'hash',
    'thumbnailUrl',
    'url',
    'urlExpiresAt',
  ]);
});

test('every computed field takes what type-graphql gave it, without a promise for each argument', () => {
  const type = schema.getType('Image');
  const { url } = isObjectType(type) ? type.getFields() : {};
  const sign = (path: string) => `signed:${path}`;
  const resolved = url?.resolve?.(
    { id: '7', file: 'x.png' },
    { download: true },
    { signedUrls: { sign } },
    {} as never,
  );
  expect(resolved).toBe('signed:/images/7.png&download=1');
});

/** Additions and descriptions. */
const isHarmless = ({ type }: Change): boolean => type.endsWith('_ADDED') || type.includes('DESCRIPTION');
