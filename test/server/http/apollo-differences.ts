/** The tests of Apollo's suite that fail by design, by reason. */

const APOLLO_SERVER = 'integration tests > apolloServerTests.ts';
const HTTP_SERVER = 'integration tests > httpServerTests.ts';

const NAMES_BY_REASON = {
  'mask.ts formats errors in place of formatError, and hides errors without a code': [
    `${APOLLO_SERVER} > Plugins > allows setting a custom status code for an error`,
    ...[
      'does not expose stack',
      "doesn't resort to query body signature on `didResolveOperation` error",
      'error munging > sendErrors > new error',
      'error munging > sendErrors > modified error',
      'error munging > sendErrors > nulled error',
      'error munging > undefined error',
      'error munging > unmodified',
      'error munging > masked',
    ].map((name) => `${APOLLO_SERVER} > lifecycle > for Apollo usage reporting > traces > ${name}`),
    `${APOLLO_SERVER} > Federated tracing > with nullable _Service.sdl field > includes errors in federated trace`,
    `${APOLLO_SERVER} > Federated tracing > with non-nullable _Service.sdl! field > includes errors in federated trace`,
    ...[
      'throwing in didResolveOperation results in error with default HTTP status code',
      'returns errors',
      'applies formatError if provided',
      'formatError receives error that can be unwrapped to pass instanceof checks',
      'formatError receives error that passes instanceof checks when GraphQLError',
      'GraphQLError HTTP extensions are respected and stripped',
      'allows for custom error formatting to sanitize',
      'allows for custom error formatting to elaborate',
      'sends internal server error when formatError fails',
    ].map((name) => `${HTTP_SERVER} > graphqlHTTP > ${name}`),
  ],
  'no response has a stack, not even in development': [
    `${APOLLO_SERVER} > lifecycle > propagates error codes in dev mode`,
  ],
  'a client that accepts application/json gets status 200 for an invalid document': [
    'returns an error on parse failure',
    'returns an error on validation failure',
    'unknown operation name returns 400 and OPERATION_RESOLUTION_FAILURE',
    'unknown operation name returns 400 and OPERATION_RESOLUTION_FAILURE for GET requests',
    'multiple operations with no `operationName` specified returns 400 and OPERATION_RESOLUTION_FAILURE',
    'formatError receives correct error for parse failure',
    'applies additional validationRules',
  ].map((name) => `${HTTP_SERVER} > graphqlHTTP > ${name}`),
  'createContext builds the context from the request alone': [
    ...[
      'defers context eval with thunk until after options creation',
      'context cloning > clones the context for request pipeline requests',
      'as a function > can be an async function',
      'as a function > context errors > GraphQLErrors are formatted, defaulting to status 500',
      'as a function > context errors > GraphQLErrors are formatted, defaulting to INTERNAL_SERVER_ERROR',
      'as a function > context errors > GraphQLErrors are formatted, obeying http extension',
      'as a function > context errors > non-GraphQLErrors are formatted',
    ].map((name) => `${APOLLO_SERVER} > lifecycle > context field > ${name}`),
    `${HTTP_SERVER} > graphqlHTTP > clones batch context`,
    `${HTTP_SERVER} > graphqlHTTP > executes batch context if it is a function`,
    `${HTTP_SERVER} > graphqlHTTP > passes the context to the resolver`,
  ],
  'browsers are redirected to GraphiQL, and Apollo has no landing page': [
    'defaults to LocalDefault',
    'can specify version for LocalDefault',
    'can be disabled',
    'basic functionality > basic GET works',
    'basic functionality > basic GET works with more complex header',
    'async `html` function > returns a string',
    'async `html` function > throws',
  ].map((name) => `${APOLLO_SERVER} > renderLandingPage > ${name}`),
  'no response is cacheable, so that Apollo need not look for hints at every field': [
    `${APOLLO_SERVER} > lifecycle > for Apollo usage reporting > traces > cachePolicy`,
    ...[
      'cache-control > applies cacheControl Headers',
      'cache-control > applies cacheControl Headers for batched operation',
      'cache-control > applies cacheControl Headers with if-cacheable',
      'cache-control > contains private cacheControl Headers when scoped',
      'cache-control > runs when cache-control is disabled',
      'cache-control not set without any hints with if-cacheable',
      'cache-control set with dynamic hint',
      'cache-control set with defaultMaxAge',
    ].map((name) => `${HTTP_SERVER} > graphqlHTTP > ${name}`),
  ],
  'the executor gives the fields of an operation no root value': [
    'passes the rootValue to the resolver',
    'passes the rootValue function result to the resolver',
  ].map((name) => `${HTTP_SERVER} > graphqlHTTP > ${name}`),
  'INTROSPECTION controls who can read the schema, and NODE_ENV does not': [
    `${APOLLO_SERVER} > constructor > validation rules > prevents introspection by default during production`,
  ],
  'a body that is not JSON gets an error message of this server': [
    `${HTTP_SERVER} > graphqlHTTP > throws an error if POST JSON is malformed`,
  ],
};

/** Test name → reason. */
export const differences = Object.fromEntries(
  Object.entries(NAMES_BY_REASON).flatMap(([reason, names]) => names.map((name) => [name, reason])),
);
