/** No text in any argument of the schema causes an internal error. */
import { readFileSync } from 'node:fs';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  getNamedType,
  getNullableType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Client, signUp } from '../support/client.js';

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));
const TEXTS: [claim: string, text: string][] = [
  ['a NUL character', 'a\0b'],
  ['half a surrogate pair', 'a\ud800b'],
  ['ten thousand characters of two units', '😀'.repeat(10_000)],
  ['placeholders and quotes', `' or 1=1 -- ? ?? $1 \\? {"$ne":null}`],
  ['the name of a property of every object', '__proto__'],
];

let app: TestApp;
let admin: Client;
beforeAll(async () => {
  app = await startTestApp();
  app.simulator.hold();
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterAll(() => app?.close());

/** A value for a required argument, by type. */
const FILLING: Record<string, unknown> = {
  String: 'x',
  ID: 'x',
  Boolean: false,
  Int: 1,
  Float: 1,
  Seed: '1',
  JSON: {},
};
/** The same by name: an invalid value here would hide the argument under test. */
const GOOD: Record<string, unknown> = { email: 'alice@example.com', password: 'correct horse battery' };
function filling(type: GraphQLInputType): unknown {
  const bare = getNullableType(type);
  if (isInputObjectType(bare)) return filledBut(Object.values(bare.getFields()));
  return FILLING[getNamedType(bare).name];
}
const filledBut = (places: readonly { name: string; type: GraphQLInputType; defaultValue?: unknown }[]) =>
  Object.fromEntries(
    places
      .filter(({ type, defaultValue }) => isNonNullType(type) && defaultValue === undefined)
      .map(({ name, type }) => [name, GOOD[name] ?? filling(type)]),
  );

/** Every way to pass a text in a value of this type. */
function placesOf(type: GraphQLInputType, give: (text: unknown) => unknown): ((text: string) => unknown)[] {
  const bare = getNullableType(type);
  if (isListType(bare)) return placesOf(bare.ofType, (value) => give([value]));
  if (isInputObjectType(bare)) {
    const fields = Object.values(bare.getFields());
    return fields.flatMap(({ name, type }) => placesOf(type, (value) => give({ ...filledBut(fields), [name]: value })));
  }
  // In JSON, as a value and as a name.
  if (bare.name === 'JSON')
    return [(text) => give({ prompt: text }), (text) => give(JSON.parse(`{${JSON.stringify(text)}:1}`))];
  return [give];
}

const documentOf = (operation: string, { name, args, type }: GraphQLField<unknown, unknown>): string => {
  const variables = args.map((argument) => `$${argument.name}: ${argument.type}`).join();
  const given = args.map((argument) => `${argument.name}: $${argument.name}`).join();
  return `${operation} (${variables}) { ${name}(${given}) ${isLeafType(getNamedType(type)) ? '' : '{ __typename }'} }`;
};

const fieldsOf = (
  operation: string,
  fields: object,
): [field: string, argument: string, document: string, GraphQLArgument[]][] =>
  (Object.values(fields) as GraphQLField<unknown, unknown>[]).flatMap((field) =>
    field.args.map((argument): [string, string, string, GraphQLArgument[]] => [
      field.name,
      argument.name,
      documentOf(operation, field),
      [...field.args],
    ]),
  );
const ARGUMENTS = [
  ...fieldsOf('query', schema.getQueryType()?.getFields() ?? {}),
  ...fieldsOf('mutation', schema.getMutationType()?.getFields() ?? {}),
];

test.each(ARGUMENTS)('no text in %s(%s) causes an internal error', async (_, name, document, args) => {
  const type = args.find((argument) => argument.name === name)?.type as GraphQLInputType;
  for (const place of placesOf(type, (value) => ({ ...filledBut(args), [name]: value })))
    for (const [claim, text] of TEXTS) {
      const { errors = [] } = await admin.ask(document, place(text) as Record<string, unknown>);
      expect({ claim, codes: errors.map(({ extensions }) => extensions.code) }).not.toMatchObject({
        codes: expect.arrayContaining(['INTERNAL_SERVER_ERROR']),
      });
    }
});
