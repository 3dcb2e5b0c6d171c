/** Events of subscriptions: one execution for all who would receive the same, and for nobody else. Counted by a resolver. */
import { buildSchema, type GraphQLSchema } from 'graphql';
import pino from 'pino';
import { Role } from '../../../src/accounts/user.js';
import type { Viewer } from '../../../src/accounts/viewer.js';
import { type Context, createContext, type Services } from '../../../src/api/context.js';
import { LatestQueue } from '../../../src/generations/live/latest-queue.js';
import { Metrics } from '../../../src/metrics/metrics.js';
import { LoggedOperation } from '../../../src/server/operation/operation-log.js';
import { Pipeline } from '../../../src/server/operation/pipeline.js';
import { subscribe } from '../../../src/server/operation/subscribe.js';

type Event = { ticked: { number: number } };
type Subscriber = { query: string; variables?: Record<string, unknown>; operationName?: string };
/** `claimed`: the viewer before the check of the credential, if that found another. */
type Caller = { viewer?: Viewer | undefined; address?: string; claimed?: Viewer | undefined };

const ALICE: Viewer = { id: 'alice', role: Role.USER, sessionId: 's1' };
const NUMBER = 'subscription { ticked { number } }';

let executions: number;
let pipeline: Pipeline;
const queues = new Set<LatestQueue<string, Event, Event>>();
beforeEach(() => {
  executions = 0;
  queues.clear();
  pipeline = new Pipeline(createCountingSchema(), true);
});

function createCountingSchema(): GraphQLSchema {
  const schema = buildSchema(`
    type Query { nothing: Int }
    type Tick { number: Int later: Int echo(text: String): String viewer: String address: String failing: Int }
    type Subscription { ticked(id: ID): Tick }
  `);
  const subscription = schema.getSubscriptionType()?.getFields();
  if (!subscription?.ticked) throw new Error('The schema has no subscription');
  subscription.ticked.subscribe = () => {
    const queue = new LatestQueue<string, Event, Event>(
      () => queues.delete(queue),
      (event) => event,
    );
    queues.add(queue);
    return queue;
  };
  subscription.ticked.resolve = ({ ticked }: Event) => {
    executions += 1;
    return {
      ...ticked,
      later: async () => ticked.number,
      echo: ({ text }: { text?: string | null }) => JSON.stringify({ text }),
      viewer: (_: unknown, { viewer }: Context) => JSON.stringify(viewer ?? null),
      address: (_: unknown, { address }: Context) => address,
      failing: () => {
        throw new Error('select password from users');
      },
    };
  };
  return schema;
}

let requests = 0;
/** @returns the texts that the subscriber receives */
async function follow(
  { query, variables, operationName }: Subscriber,
  { viewer, address = '', claimed = viewer }: Caller = {},
) {
  const received: string[] = [];
  requests += 1;
  const requestId = `request-${requests}`;
  const context = createContext({} as Services, claimed, requestId, address);
  context.viewer = viewer;
  const prepared = pipeline.prepare(
    { query, variables: variables ?? null, operationName: operationName ?? null },
    {
      context,
      outlet: {
        room: async () => {},
        sendEvent: async (json) => {
          const text = json();
          if (text !== undefined) received.push(text);
        },
      },
      logged: new LoggedOperation(pino({ level: 'silent' }), new Metrics(), requestId, viewer?.id),
      isCredentialBad: false,
    },
  );
  if ('errors' in prepared) throw new Error(JSON.stringify(prepared.errors));
  const results = await subscribe(prepared);
  if (!(Symbol.asyncIterator in results)) throw new Error(JSON.stringify(results));
  void results.next();
  return { received, requestId, leave: () => results.return?.() };
}

async function publish(event: Event): Promise<void> {
  for (const queue of queues) queue.offer('tick', event);
  await new Promise(setImmediate);
}

const tick = (number: number): Event => ({ ticked: { number } });

test.each(['number', 'later'])(
  'a hundred subscribers to the same cost one execution for each event (%s)',
  async (field) => {
    const query = `subscription ($id: ID) { ticked(id: $id) { value: ${field} } }`;
    const all = await Promise.all(
      Array.from({ length: 100 }, () => follow({ query, variables: { id: '1' } }, { viewer: { ...ALICE } })),
    );
    await publish(tick(1));
    expect(executions).toBe(1);
    await publish(tick(2));
    expect(executions).toBe(2);
    for (const { received } of all)
      expect(received).toEqual(['{"data":{"ticked":{"value":1}}}', '{"data":{"ticked":{"value":2}}}']);
  },
);

test('two events with equal contents are executed each', async () => {
  const { received } = await follow({ query: NUMBER });
  await publish(tick(1));
  await publish(tick(1));
  expect([executions, received.length]).toEqual([2, 2]);
});

const ECHO = 'subscription ($text: String) { ticked { echo(text: $text) } }';
const SKIP = 'subscription ($no: Boolean!) { ticked { number echo @skip(if: $no) } }';
const INCLUDE = 'subscription ($yes: Boolean!) { ticked { number echo @include(if: $yes) } }';
const TWO = 'subscription A { ticked { a: number } } subscription B { ticked { b: number } }';

test.each<[what: string, Subscriber, Subscriber, first: object, second: object]>([
  ['documents', { query: NUMBER }, { query: ECHO }, { number: 1 }, { echo: '{}' }],
  ['aliases', { query: NUMBER }, { query: 'subscription { ticked { n: number } }' }, { number: 1 }, { n: 1 }],
  [
    'operations of one document',
    { query: TWO, operationName: 'A' },
    { query: TWO, operationName: 'B' },
    { a: 1 },
    { b: 1 },
  ],
  [
    'variables',
    { query: ECHO, variables: { text: 'a' } },
    { query: ECHO, variables: { text: 'b' } },
    { echo: '{"text":"a"}' },
    { echo: '{"text":"b"}' },
  ],
  [
    'variables, one of which is null and not absent',
    { query: ECHO, variables: { text: null } },
    { query: ECHO, variables: {} },
    { echo: '{"text":null}' },
    { echo: '{}' },
  ],
  [
    'variables of @skip',
    { query: SKIP, variables: { no: true } },
    { query: SKIP, variables: { no: false } },
    { number: 1 },
    { number: 1, echo: '{}' },
  ],
  [
    'variables of @include',
    { query: INCLUDE, variables: { yes: true } },
    { query: INCLUDE, variables: { yes: false } },
    { number: 1, echo: '{}' },
    { number: 1 },
  ],
])('subscribers with different %s share no execution', async (_, first, second, one, other) => {
  const [a, b] = [await follow(first), await follow(second)];
  await publish(tick(1));
  expect(executions).toBe(2);
  expect(a.received).toEqual([JSON.stringify({ data: { ticked: one } })]);
  expect(b.received).toEqual([JSON.stringify({ data: { ticked: other } })]);
});

test.each<[what: string, Caller]>([
  ['another user', { viewer: { ...ALICE, id: 'bob' } }],
  ['the same user in another role', { viewer: { ...ALICE, role: Role.ADMIN } }],
  ['the same user in another session', { viewer: { ...ALICE, sessionId: 's2' } }],
  ['the same user by an API key', { viewer: { id: ALICE.id, role: ALICE.role, apiKeyId: 's1' } }],
  ['an anonymous caller', {}],
  ['the same session at another address', { viewer: ALICE, address: '192.0.2.1' }],
])('a subscriber shares no execution with %s', async (_, other) => {
  const query = 'subscription { ticked { viewer address } }';
  const [a, b] = [await follow({ query }, { viewer: ALICE }), await follow({ query }, other)];
  await publish(tick(1));
  expect(executions).toBe(2);
  const own = ({ viewer, address = '' }: Caller) => [
    JSON.stringify({ data: { ticked: { viewer: JSON.stringify(viewer ?? null), address } } }),
  ];
  expect(a.received).toEqual(own({ viewer: ALICE }));
  expect(b.received).toEqual(own(other));
});

test('an event runs for the viewer that the check of the credential has found, not for the claimed one', async () => {
  const { received } = await follow({ query: 'subscription { ticked { viewer } }' }, { claimed: ALICE });
  await publish(tick(1));
  expect(received).toEqual(['{"data":{"ticked":{"viewer":"null"}}}']);
});

test('an internal error is shown to each subscriber under the id of its own request', async () => {
  const all = [
    await follow({ query: 'subscription { ticked { failing } }' }),
    await follow({ query: 'subscription { ticked { failing } }' }),
  ];
  await publish(tick(1));
  for (const { received, requestId } of all) {
    const { data, errors } = JSON.parse(received[0] ?? '');
    expect(data).toEqual({ ticked: { failing: null } });
    expect(errors[0].extensions).toEqual({ code: 'INTERNAL_SERVER_ERROR', requestId });
  }
});

test('a subscriber that leaves receives nothing more, and the others do', async () => {
  const [leaves, stays] = [await follow({ query: NUMBER }), await follow({ query: NUMBER })];
  await publish(tick(1));
  await leaves.leave();
  await publish(tick(2));
  expect([leaves.received.length, stays.received.length, queues.size]).toEqual([1, 2, 1]);
});
