/**
 * Apollo's own suite for integrations, run against this server over HTTP. Each of its tests has a schema, and mostly settings and plugins of
 * its own. So it tests `createHttpServer` (headers, log, CORS, body limits, error handling) and the settings and plugins of `apollo.ts`, unless
 * a test sets others. It does not test the schema, the resolvers and authentication: every caller is anonymous, and no query reaches the
 * database. Nor does it test WebSocket and SSE. The tests that the suite skips by itself need GraphQL 17.
 *
 * @jest-environment ./test/jest/differences-environment.js
 */
import { ApolloServer, type ApolloServerOptions, type ApolloServerPlugin, type BaseContext } from '@apollo/server';
import type { MikroORM } from '@mikro-orm/postgresql';
import { Tokens } from '../../../src/accounts/sessions/tokens.js';
import type { Services } from '../../../src/api/context.js';
import { createSchema } from '../../../src/api/schema.js';
import { readAddress } from '../../../src/limits/client-address.js';
import { ConcurrencyLimit } from '../../../src/limits/concurrency-limit.js';
import { Metrics } from '../../../src/metrics/metrics.js';
import { openDatabase } from '../../../src/orm.js';
import { createLogger } from '../../../src/process/logger.js';
import { TIMINGS } from '../../../src/process/timings.js';
import { gatewayTo, type HttpContext, settings } from '../../../src/server/http/graphql/apollo.js';
import { createHttpServer, GRAPHQL_PATH } from '../../../src/server/http/http.js';
import { listen } from '../../../src/server/http/listen.js';
import { LoggedOperation } from '../../../src/server/operation/operation-log.js';
import { Pipeline } from '../../../src/server/operation/pipeline.js';
import { Streams } from '../../../src/server/sse/sse.js';
import { urlOf } from '../../support/database.js';
import { differences } from './apollo-differences.js';

const logger = createLogger('silent');
const metrics = new Metrics();
const ours = settings(true, logger);
const tokens = new Tokens(['a secret of 32 characters, or more'], 3600);
const connections = { perUser: new ConcurrencyLimit(1), perAddress: new ConcurrencyLimit(1) };
let orm: MikroORM;
let pipeline: Pipeline;
beforeAll(async () => {
  orm = await openDatabase(urlOf('postgres'));
  pipeline = new Pipeline(await createSchema(), true);
});
afterAll(() => orm?.close());

Object.assign(globalThis, { differences });

/** Some tests execute an operation without an HTTP request, which creates the context otherwise. */
const addContext: ApolloServerPlugin<HttpContext> = {
  requestDidStart: async ({ contextValue }) => {
    contextValue.credential ??= Promise.resolve('none');
    contextValue.logged ??= new LoggedOperation(logger, metrics, 'no request', undefined);
  },
};

// A usage report that outlives its test fails and logs that. The suite keeps the function that it finds when it is loaded.
console.error = () => {};
const { defineIntegrationTestSuite } = await import('@apollo/server-integration-testsuite');

defineIntegrationTestSuite(async ({ schema, ...its }) => {
  const apollo = new ApolloServer<HttpContext>({
    ...ours,
    ...its,
    ...(schema && { gateway: gatewayTo(schema) }),
    validationRules: [...ours.validationRules, ...(its.validationRules ?? [])],
    plugins: [addContext, ...ours.plugins, ...(its.plugins ?? [])],
  } as ApolloServerOptions<HttpContext>);
  await apollo.start();
  // The only services that the HTTP server uses.
  const services = { orm, addressOf: readAddress(0) } as Services;
  const streams = new Streams({ connections, pipeline, services, tokens, metrics, logger });
  const requestsPerAddress = new ConcurrencyLimit(100);
  const options = {
    apollo,
    streams,
    services,
    tokens,
    corsOrigins: '*' as const,
    requestsPerAddress,
    timings: TIMINGS,
    metrics,
    logger,
  };
  const http = createHttpServer({ ...options, isReady: () => true, adaptivePool: { fault: undefined } });
  const { url, close } = await listen(http, '127.0.0.1', 0);
  return { server: apollo as unknown as ApolloServer<BaseContext>, url: `${url}${GRAPHQL_PATH}`, extraCleanup: close };
});
