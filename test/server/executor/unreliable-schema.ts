/** The schema of the API with resolvers that do everything a resolver can do, the same for the same path and seed. */
import {
  buildSchema,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { pathToArray } from 'graphql/jsutils/Path.js';
import { Refusal } from '../../../src/graphql/errors.js';

/** The root value, the context and every value carry the seed of an execution. */
export type Seeded = { seed: number; calls: string[] };

export function buildUnreliableSchema(sdl: string): GraphQLSchema {
  const schema = buildSchema(sdl);
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isAbstractType(type))
      type.resolveType = (value, context: Seeded, info) =>
        typeNameOf(value as Source, schema, context.seed, info) as string;
    if (!isObjectType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      // The others are properties of their source.
      if (hash(field.name) % 3 > 0 || type === schema.getQueryType() || type === schema.getMutationType())
        field.resolve = (_, args, context: Seeded, info) => {
          context.calls.push(`${pathToArray(info.path).join('.')} ${JSON.stringify(args)} ${describe(info)}`);
          return valueAt(info.returnType, pathToArray(info.path).join('.'), context.seed, schema);
        };
    }
    if (hash(type.name) % 4 === 0)
      type.isTypeOf = (_, { seed }: Seeded) =>
        oneOf([true, true, true, true, true, true, false, Promise.resolve(true)], seed + type.name.length) as boolean;
  }
  return schema;
}

type Source = { key: string };

const describe = ({
  fieldName,
  parentType,
  returnType,
  operation,
  variableValues,
  fragments,
  fieldNodes,
}: GraphQLResolveInfo) =>
  JSON.stringify([
    fieldName,
    parentType,
    returnType,
    operation.name?.value,
    variableValues,
    Object.keys(fragments),
    fieldNodes.length,
  ]);

function typeNameOf({ key }: Source, schema: GraphQLSchema, seed: number, { returnType }: GraphQLResolveInfo): unknown {
  const abstract = getNamedType(returnType);
  const names = isAbstractType(abstract) ? schema.getPossibleTypes(abstract).map(({ name }) => name) : [];
  const name = names[hash(`${key} ${seed} type`) % Math.max(1, names.length)];
  const others = [undefined, 7, 'Nothing', 'Query', 'DateTime', schema.getQueryType(), Promise.resolve(name)];
  return chance(`${key} ${seed} name`, 25) ? oneOf(others, hash(`${key} ${seed} other`)) : name;
}

/** A value of this type, or something that no resolver should return. */
function valueAt(type: GraphQLOutputType, key: string, seed: number, schema: GraphQLSchema): unknown {
  const id = `${key} ${seed}`;
  const value = () => reliableAt(type, key, seed, schema);
  if (chance(`${id} async`, 35))
    return chance(`${id} reject`, 10) ? Promise.reject(failure(id)) : later(value(), hash(id) % 4);
  if (!chance(`${id} unreliable`, 12)) return value();
  const kind = hash(`${id} kind`) % 5;
  if (kind === 0) throw failure(id);
  return [null, undefined, Number.NaN, failure(id), {}][kind];
}

function reliableAt(type: GraphQLOutputType, key: string, seed: number, schema: GraphQLSchema): unknown {
  const id = `${key} ${seed}`;
  if (isNonNullType(type)) return reliableAt(type.ofType, key, seed, schema);
  if (chance(`${id} null`, 8)) return null;
  if (isListType(type))
    return Array.from({ length: hash(`${id} length`) % 4 }, (_, index) =>
      itemAt(type.ofType, `${key}.${index}`, seed, schema),
    );
  if (isEnumType(type)) return oneOf(type.getValues(), hash(id))?.value;
  if (isObjectType(type) || isAbstractType(type)) return sourceAt(type, key, seed, schema);
  return { Int: hash(id), Boolean: hash(id) % 2 === 0, Float: 0.5 }[type.name] ?? `text ${hash(id)}`;
}

/** Items of a list may be promises and errors; an exception would be the list's. */
function itemAt(type: GraphQLOutputType, key: string, seed: number, schema: GraphQLSchema): unknown {
  const item = async () => valueAt(type, key, seed, schema);
  // graphql-js leaves a rejection unhandled where one item rejects and a later one fails at once, which ends the process.
  if (isNonNullType(type)) return item();
  try {
    return valueAt(type, key, seed, schema);
  } catch (error) {
    return error;
  }
}

/** Fields without a resolver are properties: values, promises, or functions. */
function sourceAt(type: GraphQLOutputType, key: string, seed: number, schema: GraphQLSchema): Source {
  const source: Record<string, unknown> & Source = { key };
  for (const field of isObjectType(type) ? Object.values(type.getFields()) : []) {
    if (field.resolve) continue;
    const compute = () => valueAt(field.type, `${key}/${field.name}`, seed, schema);
    const isFunction = chance(`${key} ${field.name} ${seed} function`, 30);
    if (isFunction) source[field.name] = compute;
    else Object.defineProperty(source, field.name, { get: compute });
  }
  return source;
}

const failure = (id: string): Error =>
  hash(`${id} failure`) % 2 === 0 ? new Error(`failed at ${id}`) : new Refusal('CONFLICT', `refused at ${id}`);

/** Resolves after some turns of the microtask queue, so that fields end in various orders. */
async function later<T>(value: T, turns: number): Promise<T> {
  for (let turn = 0; turn < turns; turn += 1) await undefined;
  return value;
}

const oneOf = <T>(from: readonly T[], number: number): T | undefined => from[number % from.length];

const chance = (key: string, percent: number): boolean => hash(key) % 100 < percent;

/** FNV-1a. */
function hash(text: string): number {
  let value = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    value = Math.imul(value ^ text.charCodeAt(index), 16_777_619) >>> 0;
  return (value ^ (value >>> 15)) % 1_000_003;
}
