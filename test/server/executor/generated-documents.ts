/** Valid documents for a schema, generated with everything that changes what is executed: aliases, fragments, conditions, arguments. */
import fc, { type GeneratorValue } from 'fast-check';
import {
  type GraphQLArgument,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  parse,
  validate,
} from 'graphql';

export type Generated = { text: string; variables: Record<string, unknown> };

const MAX_DEPTH = 5;
/** Names that mean something to JavaScript. */
const ALIASES = ['__proto__', 'constructor', 'then', 'toString', 'hasOwnProperty', 'a', 'b'];
const STRINGS = ['x', '__proto__', '"); throw 1; ("', '\\u2028', "'", '`', '2026-11-23T18:00:00.000Z', '7'];
const CONDITIONS = ['@skip(if: $yes)', '@skip(if: $no)', '@include(if: $yes)', '@include(if: $no)', '@skip(if: true)'];

/** Stands for an invalid document. */
export const REPLACEMENT = '{ __typename }';

/** @returns valid documents, and values for their variables */
export const generatedDocuments = (schema: GraphQLSchema, root: GraphQLObjectType): fc.Arbitrary<Generated> =>
  fc
    .gen()
    .map((g) => write(schema, root, g))
    // Drawing until one is valid may take minutes.
    .map((drawn) => (validate(schema, parse(drawn.text)).length === 0 ? drawn : { ...drawn, text: REPLACEMENT }));

function write(schema: GraphQLSchema, root: GraphQLObjectType, g: GeneratorValue): Generated {
  const chance = (percent: number): boolean => g(fc.integer, { min: 1, max: 100 }) > 100 - percent;
  const pick = <T>(from: readonly T[]): T => from[g(fc.nat, { max: from.length - 1 })] as T;
  const fragments: string[] = [];
  const argumentsOf = new Map<string, string>();
  const meanings = new Map<string, string>();

  const condition = (depth: number): string => (depth > 0 && chance(20) ? ` ${pick(CONDITIONS)}` : '');

  const literal = (type: GraphQLInputType): string => {
    if (isNonNullType(type)) return literal(type.ofType);
    if (isListType(type)) return `[${literal(type.ofType)}]`;
    if (isEnumType(type)) return pick(type.getValues()).name;
    if (isInputObjectType(type))
      return `{ ${Object.values(type.getFields())
        .filter((field) => isNonNullType(field.type) || chance(50))
        .map((field) => `${field.name}: ${literal(field.type)}`)
        .join(' ')} }`;
    const byName: Record<string, string> = {
      Int: '3',
      Float: '1.5',
      Boolean: 'true',
      Seed: '"18"',
      JSON: '{ __proto__: { x: [1] } }',
    };
    return byName[type.name] ?? JSON.stringify(pick(STRINGS)).replaceAll('\\\\u', '\\u');
  };

  const argument = ({ name, type }: GraphQLArgument): string[] => {
    if (!isNonNullType(type) && chance(50)) return [];
    const named = getNamedType(type).name;
    if (named === 'ID' && chance(50)) return [`${name}: $id`];
    if (named === 'Int' && chance(50)) return [`${name}: $int`];
    return [`${name}: ${literal(type)}`];
  };

  const field = (name: string, type: GraphQLOutputType, args: readonly GraphQLArgument[], depth: number): string => {
    // In one document a field always has the same arguments, and a response key always the same field and type: otherwise few were valid.
    const place = `${name}(${args.map((each) => `${each.name}: ${each.type}`)})`;
    const given = argumentsOf.get(place) ?? args.flatMap(argument).join(', ');
    argumentsOf.set(place, given);
    const meaning = `${name}(${given}): ${type}`;
    let alias = chance(20) ? pick(ALIASES) : name;
    for (let nth = 2; (meanings.get(alias) ?? meaning) !== meaning; nth += 1) alias = `${name}${nth}`;
    meanings.set(alias, meaning);
    const inner = getNamedType(type);
    const set = isCompositeType(inner) ? ` ${selections(inner.name, depth + 1)}` : '';
    return `${alias === name ? '' : `${alias}: `}${name}${given && `(${given})`}${condition(depth)}${set}`;
  };

  const selection = (typeName: string, depth: number): string => {
    const type = schema.getType(typeName);
    if (!isObjectType(type) && !isInterfaceType(type)) return '__typename';
    if (depth > 0 && depth < MAX_DEPTH && chance(15)) {
      const on = isInterfaceType(type) && chance(70) ? pick(schema.getPossibleTypes(type)).name : typeName;
      if (chance(50)) return `... on ${on}${condition(depth)} ${selections(on, depth + 1)}`;
      const name = `F${fragments.length}`;
      const index = fragments.push('') - 1;
      fragments[index] = `fragment ${name} on ${on} ${selections(on, depth + 1)}`;
      return `...${name}${condition(depth)} ...${name}${condition(depth)}`;
    }
    if (depth > 0 && chance(5)) return '__typename';
    const fields = Object.values(type.getFields()).filter(
      (each) => depth < MAX_DEPTH || !isCompositeType(getNamedType(each.type)),
    );
    if (fields.length === 0) return '__typename';
    const chosen = pick(fields);
    return field(chosen.name, chosen.type, chosen.args, depth);
  };

  const selections = (typeName: string, depth: number): string =>
    `{ ${Array.from({ length: typeName === 'Subscription' ? 1 : g(fc.integer, { min: 1, max: 5 }) }, () => selection(typeName, depth)).join(' ')} }`;

  const operation = root.name.toLowerCase();
  const set = selections(root.name, 0);
  const used = [set, ...fragments].join('\n');
  const declared = ['$yes: Boolean!', '$no: Boolean! = false', '$id: ID!', '$int: Int'].filter((each) =>
    new RegExp(`\\${each.slice(0, each.indexOf(':'))}\\b`).test(used),
  );
  const variables = {
    yes: chance(50),
    id: pick(STRINGS),
    ...(chance(50) && { no: chance(50) }),
    ...(chance(50) && { int: 4 }),
  };
  return { text: `${operation} Named${declared.length > 0 ? `(${declared.join(' ')})` : ''} ${used}`, variables };
}
