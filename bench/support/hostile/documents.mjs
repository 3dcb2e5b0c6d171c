/** Hostile documents, and (`within`) the largest documents that the limits allow. */
import { getIntrospectionQuery } from 'graphql';

const times = (count, text) => Array.from({ length: count }, (_, index) => text(index)).join(' ');
const doubling = (count) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const chain = (count) =>
  `{ ...F0 } ${times(count, (i) => `fragment F${i} on Query { ...F${i + 1} }`)} fragment F${count} on Query { __typename }`;
const PAGE = `generations(first: 100) { nodes { id status prompt createdAt errorMessage progress { fraction } failure { code } user { email }
  result { id images { id url download: url(download: true) thumbHash width height contentType byteSize } } } }`;
const TYPE = 'kind name ofType { kind name ofType { kind name ofType { kind name } } }';

export const DOCUMENTS = {
  '101 aliases': `{ ${times(101, (i) => `a${i}: __typename`)} }`,
  '10,000 aliases': `{ ${times(10_000, (i) => `a${i}: __typename`)} }`,
  '10 directives': `{ __typename ${'@aa'.repeat(10)} }`,
  '300 unknown fields': `{ ${times(300, (i) => `viewr${i}`)} }`,
  '490 fields side by side': `{ ${times(490, (i) => `viewer { x${i} }`)} }`,
  '700 times one field': `{ viewer { ${times(700, () => 'id')} } }`,
  '2,000 nested braces': `${'{ a '.repeat(2_000)}${'}'.repeat(2_000)}`,
  '360 nested fields': `{ generations { nodes ${'{ retryOf '.repeat(360)}{ id }${'}'.repeat(360)} } }`,
  '20,000 nested brackets': `{ generation(id: ${'['.repeat(20_000)}) { id } }`,
  '400 times the schema': `{ ${times(400, (i) => `s${i}: __schema { types { fields { name } } }`)} }`,
  'round through the schema': `{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }`,
  '18 doubling fragments': doubling(18),
  '29 doubling fragments': doubling(29),
  '1,000 chained fragments': chain(1_000),
  'a circle of fragments': '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  '5,000 variables': `query (${times(5_000, (i) => `$v${i}: Int`)}) { __typename }`,
  '2,000 operations': times(2_000, (i) => `query Q${i} { __typename }`),
  '200,000 tokens': `{ ${'a '.repeat(200_000 / 2)} }`,
  'a tower': `{ generations(first: 100) { nodes { ${'result { generation { '.repeat(4)}id${' } }'.repeat(4)} } } }`,
  '30 pages of 100': `{ ${times(30, (i) => `p${i}: ${PAGE}`)} }`,
  'within: 14 doubling fragments': doubling(14),
  'within: a page of 100, whole': `{ ${PAGE} }`,
  'within: 19 counts': `{ ${times(19, (i) => `t${i}: generations { totalCount }`)} }`,
  'within: the schema twice': `{ a: __schema { ...S } b: __schema { ...S } }
    fragment S on __Schema { types { kind name description fields(includeDeprecated: true) { name description args { name type { ${TYPE} } } type { ${TYPE} } } inputFields { name type { ${TYPE} } } enumValues { name description } } }`,
  'the schema, 29 times its fields': `{ __schema { types { ${times(29, (i) => `f${i}: fields { name args { name type { ${TYPE} } } type { ${TYPE} } }`)} } } }`,
  'within: the schema as GraphiQL asks': getIntrospectionQuery(),
};

export const text = (query) => JSON.stringify({ query });
const MALFORMED = {
  'a batch of 10': `[${Array(10).fill(text('{ __typename }')).join()}]`,
  'a body of 12 MB': text('x'.repeat(12 * 2 ** 20)),
  'a prototype': '{"query":"{ __typename }","variables":{"__proto__":{"x":1}},"extensions":{"__proto__":{"x":1}}}',
  '50,000 nested lists': `{"query":"{ __typename }","variables":{"x":${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
};

/** JSON bodies of requests, by name. */
export const BODIES = {
  ...Object.fromEntries(Object.entries(DOCUMENTS).map(([what, query]) => [what, text(query)])),
  ...MALFORMED,
};
