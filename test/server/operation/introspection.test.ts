/** Introspection queries of code generators and editors. */
import { getIntrospectionQuery } from 'graphql';
import { startTestApp, type TestApp } from '../../support/app.js';
import { TRANSPORTS } from '../../support/transports.js';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const fieldsOf = (alias: string, name: string, fields: string) => `${alias}: __type(name: "${name}") { ${fields} }`;
const NAMES = 'fields(includeDeprecated: true) { name }';
const ARGUMENTS = 'fields { name args { name } }';
const META_TYPES = ['Schema', 'Type', 'Field', 'InputValue', 'EnumValue', 'Directive', 'TypeKind', 'DirectiveLocation'];

const QUESTIONS: [tool: string, query: string][] = [
  [
    'Apollo Kotlin',
    `query PreIntrospectionQuery { ${['Schema', 'Type', 'Directive', 'Field', 'InputValue']
      .map((name) => fieldsOf(name.toLowerCase(), `__${name}`, ARGUMENTS))
      .join(' ')} }`,
  ],
  [
    'urql',
    `query IntrospectSupportQuery { ${fieldsOf('directive', '__Directive', ARGUMENTS)} ${fieldsOf('field', '__Field', ARGUMENTS)}
      ${fieldsOf('type', '__Type', 'fields { name }')} ${fieldsOf('inputValue', '__InputValue', 'fields { name }')} }`,
  ],
  ['cynic', `{ __type(name: "__Type") { ${NAMES} } ${fieldsOf('input_value_type', '__InputValue', NAMES)} }`],
  [
    'Nitro',
    `{ ${fieldsOf('schema', '__Schema', `name ${NAMES}`)} ${fieldsOf('directive', '__Directive', `name ${NAMES}`)} }`,
  ],
  [
    'a tool that reads every introspection type, and the schema',
    `{ __schema { types { name kind } directives { name args(includeDeprecated: true) { name } } }
      ${META_TYPES.map((name, i) => fieldsOf(`t${i}`, `__${name}`, `name kind ${NAMES} enumValues { name }`)).join(' ')} }`,
  ],
  [
    'a tool that reads with every option and the deepest types',
    getIntrospectionQuery({
      descriptions: true,
      specifiedByUrl: true,
      directiveIsRepeatable: true,
      schemaDescription: true,
      inputValueDeprecation: true,
      oneOf: true,
    }),
  ],
  ['a tool that reads the least', getIntrospectionQuery({ descriptions: false })],
];

describe.each(TRANSPORTS)('over %s', (_, send) => {
  test.each(QUESTIONS)('the introspection of %s returns complete data', async (_tool, query) => {
    const { data, errors } = await send(app.url, undefined, { query });
    expect(errors).toBeUndefined();
    expect(Object.values(data)).not.toContain(null);
  });
});
