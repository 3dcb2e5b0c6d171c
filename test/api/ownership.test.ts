/**
 * Access to every field that takes an id, and to every object with an id, for its owner and for other callers, over every transport. The
 * tables are compared with the schema: a field or type that is missing here fails.
 */
import { type GraphQLInputType, getNamedType, isInputObjectType, isInterfaceType } from 'graphql';
import { createSchema } from '../../src/api/schema.js';
import { signIn } from '../accounts/support.js';
import { upload } from '../assets/uploads/support.js';
import { createWebhook, deliveriesOf, LOOPBACK } from '../deliveries/support.js';
import { becomes, create, dataOf, tryCreate } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Answer, type Client, signUp } from '../support/client.js';
import { type Send, TRANSPORTS } from '../support/transports.js';

type Ids = {
  generation: string;
  result: string;
  image: string;
  file: string;
  upload: string;
  key: string;
  session: string;
  user: string;
  workflow: string;
  webhook: string;
  delivery: string;
};
/** The outcome for a caller: success, or the code of the error. */
type Outcome = 'OK' | 'FORBIDDEN' | 'UNAUTHENTICATED' | 'CONFLICT';
type Row = { ask: (ids: Ids) => string; owner: Outcome; admin?: Outcome };

/** By the root field and the argument, or the input field, of the id. */
const FIELDS: Record<string, Row> = {
  'Query.node(id)': { ask: ({ generation }) => `{ node(id: "${generation}") { id } }`, owner: 'OK' },
  'Query.generation(id)': { ask: ({ generation }) => `{ generation(id: "${generation}") { id } }`, owner: 'OK' },
  'Mutation.createGeneration(input.source)': {
    ask: ({ image }) => `mutation { createGeneration(input: { prompt: "x", source: "${image}" }) { id } }`,
    owner: 'OK',
  },
  'Mutation.importWorkflow(input.upload)': {
    ask: ({ image }) => `mutation { importWorkflow(input: { upload: "${image}" }) { format } }`,
    owner: 'OK',
  },
  'Query.workflow(id)': { ask: ({ workflow }) => `{ workflow(id: "${workflow}") { id } }`, owner: 'OK' },
  'Mutation.cancelGeneration(id)': {
    ask: ({ generation }) => `mutation { cancelGeneration(id: "${generation}") { id } }`,
    owner: 'OK',
  },
  'Mutation.favoriteGeneration(id)': {
    ask: ({ generation }) => `mutation { favoriteGeneration(id: "${generation}", isFavorite: true) { id } }`,
    owner: 'OK',
  },
  'Mutation.cancelGenerations(ids)': {
    ask: ({ generation }) =>
      `mutation { cancelGenerations(ids: ["${generation}"]) { generation { id } error { code } } }`,
    owner: 'OK',
  },
  'Mutation.deleteGenerations(ids)': {
    ask: ({ generation }) =>
      `mutation { deleteGenerations(ids: ["${generation}"]) { generation { id } error { code } } }`,
    owner: 'OK',
  },
  'Mutation.shareGeneration(id)': {
    ask: ({ generation }) => `mutation { shareGeneration(id: "${generation}") { id } }`,
    owner: 'OK',
  },
  'Mutation.unshareGeneration(id)': {
    ask: ({ generation }) => `mutation { unshareGeneration(id: "${generation}") { id } }`,
    owner: 'OK',
  },
  'Mutation.retryGeneration(id)': {
    ask: ({ generation }) => `mutation { retryGeneration(id: "${generation}") { id } }`,
    owner: 'OK',
  },
  'Mutation.disableUser(id)': {
    ask: ({ user }) => `mutation { disableUser(id: "${user}") { id } }`,
    owner: 'FORBIDDEN',
    admin: 'OK',
  },
  'Mutation.enableUser(id)': {
    ask: ({ user }) => `mutation { enableUser(id: "${user}") { id } }`,
    owner: 'FORBIDDEN',
    admin: 'OK',
  },
  'Mutation.setRole(userId)': {
    ask: ({ user }) => `mutation { setRole(userId: "${user}", role: USER) { id } }`,
    owner: 'FORBIDDEN',
    admin: 'OK',
  },
  'Mutation.setPassword(userId)': {
    ask: ({ user }) => `mutation { setPassword(userId: "${user}", new: "another horse battery") { id } }`,
    owner: 'FORBIDDEN',
    admin: 'OK',
  },
  'Subscription.generationUpdated(id)': {
    ask: ({ generation }) => `subscription { generationUpdated(id: "${generation}") { id } }`,
    owner: 'OK',
  },
  // The owner deletes last: the other callers need the generation.
  'Mutation.deleteGeneration(id)': {
    ask: ({ generation }) => `mutation { deleteGeneration(id: "${generation}") }`,
    owner: 'OK',
  },
  'Mutation.deleteUpload(id)': { ask: ({ upload }) => `mutation { deleteUpload(id: "${upload}") }`, owner: 'OK' },
  'Mutation.endSession(id)': { ask: ({ session }) => `mutation { endSession(id: "${session}") }`, owner: 'OK' },
  'Mutation.redeliver(id)': {
    ask: ({ delivery }) => `mutation { redeliver(id: "${delivery}") { id } }`,
    owner: 'OK',
  },
  'Mutation.deleteWebhook(id)': { ask: ({ webhook }) => `mutation { deleteWebhook(id: "${webhook}") }`, owner: 'OK' },
  'Mutation.deleteApiKey(id)': { ask: ({ key }) => `mutation { deleteApiKey(id: "${key}") }`, owner: 'OK' },
};

/** Types with an id and an owner, and one of Alice's objects. */
const OWNED: Record<string, keyof Ids> = {
  Generation: 'generation',
  Result: 'result',
  Image: 'image',
  File: 'file',
  Upload: 'upload',
  ApiKey: 'key',
  SignedInSession: 'session',
  User: 'user',
  Workflow: 'workflow',
  Webhook: 'webhook',
  Delivery: 'delivery',
};
/** Types without an owner. */
const SHARED = ['Model', 'Backend'];

/** Root fields without an id that return owned objects. */
const LISTS: Record<string, string> = {
  'Query.viewer': '{ viewer { id email } }',
  'Query.generations': '{ generations { nodes { id } } }',
  'Query.apiKeys': '{ apiKeys { id } }',
  'Query.webhooks': '{ webhooks { id deliveries { nodes { id } } } }',
  'Query.sessions': '{ sessions { id } }',
  'Query.workflows': '{ workflows { id } }',
};

const CARD = {
  empty: { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 0 } },
  save: { class_type: 'SaveImage', inputs: { images: ['empty', 0] } },
};
const TEXT = {
  text: { class_type: 'PrimitiveString', inputs: { value: 'x' } },
  save: { class_type: 'SaveText', inputs: { text: ['text', 0], filename_prefix: 'text/it', format: 'txt' } },
};
const SAVE = `mutation ($graph: JSON!) { saveWorkflow(input: { name: "card", graph: $graph, inputs: [] }) { id } }`;

let app: TestApp;
let alice: Client & { id: string; email: string };
let bob: Client;
let admin: Client;
/** A disabled user. */
let mallory: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users', ...LOOPBACK }, simulator: { version: '0.33.0' } });
  [alice, bob, mallory] = [await signUp(app.url), await signUp(app.url), await signUp(app.url)];
  admin = await signUp(app.url, ADMIN_EMAIL);
  await admin.ask(`mutation { disableUser(id: "${mallory.id}") { id } }`);
});
afterAll(() => app.close());

async function newObjects(): Promise<Ids> {
  const webhook = (await createWebhook(alice, 'http://127.0.0.1:9/hook')).id;
  const { id, result } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  const text = (await dataOf(tryCreate(alice, { graph: TEXT }))).createGeneration.id;
  await becomes(alice, text, 'COMPLETED');
  const { files } = (await alice.ask(`{ generation(id: "${text}") { result { files { id } } } }`)).data.generation
    .result;
  const { data } = await alice.ask('mutation { createApiKey(input: { name: "a program" }) { apiKey { id } } }');
  const saved = await alice.ask(SAVE, { graph: CARD });
  await signIn(app.url, alice.email);
  const { sessions } = (await alice.ask('{ sessions { id isCurrent } }')).data;
  return {
    generation: id,
    result: String(result?.id),
    image: String(result?.images[0]?.id),
    file: files[0].id,
    upload: (await upload(alice)).id,
    key: data.createApiKey.apiKey.id,
    session: sessions.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent).id,
    user: mallory.id,
    workflow: saved.data.saveWorkflow.id,
    webhook,
    delivery: String((await deliveriesOf(alice, webhook))[0]?.id),
  };
}

const ENDS_OBJECT = /^Mutation\.(delete|end)/;

/** For fields that change nothing. */
let shared: Promise<Ids> | undefined;
const sharedObjects = (): Promise<Ids> => {
  shared ??= newObjects();
  return shared;
};

async function outcomeOf(send: Send, client: Client | undefined, query: string): Promise<Outcome> {
  let answer: Answer;
  try {
    answer = await send(app.url, client?.token, { query });
  } catch (error) {
    // A disabled user cannot open a socket.
    if (String(error).includes('4403')) return 'UNAUTHENTICATED';
    throw error;
  }
  const { data, errors } = answer;
  if (!errors) return refusalOf(data) ?? 'OK';
  for (const value of Object.values(data ?? {})) expect(value).toBeNull();
  return errors[0]?.extensions.code as Outcome;
}

/** A mutation of many objects refuses each of them, and has no errors. */
function refusalOf(data: Answer['data']): Outcome | undefined {
  const [outcome] = Object.values<unknown>(data ?? {}).flat() as {
    generation: unknown;
    error?: { code: Outcome } | null;
  }[];
  if (!outcome?.error) return undefined;
  expect(outcome.generation).toBeNull();
  return outcome.error.code;
}

const transportsOf = (field: string) =>
  TRANSPORTS.filter(([name]) => !field.startsWith('Subscription') || name !== 'HTTP');
const CASES = Object.entries(FIELDS).flatMap(([field, row]) =>
  transportsOf(field).map(([transport, send]) => ({ field, transport, send, row })),
);

test.each(CASES)('$field over $transport allows its owner, and rejects other callers', async ({ field, send, row }) => {
  const ids = await (ENDS_OBJECT.test(field) ? newObjects() : sharedObjects());
  const query = row.ask(ids);
  expect(await outcomeOf(send, undefined, query)).toBe('UNAUTHENTICATED');
  expect(await outcomeOf(send, mallory, query)).toBe('UNAUTHENTICATED');
  expect(await outcomeOf(send, bob, query)).toBe('FORBIDDEN');
  expect(await outcomeOf(send, admin, query)).toBe(row.admin ?? 'FORBIDDEN');
  if (row.admin === 'OK') await admin.ask(`mutation { disableUser(id: "${mallory.id}") { id } }`);
  expect(await outcomeOf(send, alice, query)).toBe(row.owner);
});

test.each(TRANSPORTS)('only its owner reads an object as a node over %s', async (_, send) => {
  const ids = { ...(await sharedObjects()), user: alice.id };
  for (const [type, key] of Object.entries(OWNED)) {
    const query = `{ node(id: "${ids[key]}") { __typename id } }`;
    const all = [undefined, mallory, bob, admin, alice];
    const answers = [];
    for (const client of all) answers.push(await outcomeOf(send, client, query));
    expect([type, ...answers]).toEqual([type, 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'FORBIDDEN', 'FORBIDDEN', 'OK']);
  }
});

test.each(TRANSPORTS)('a list contains only the caller’s objects, over %s', async (_, send) => {
  const ids = Object.values({ ...(await newObjects()), user: alice.id });
  for (const query of Object.values(LISTS)) {
    const its = async (client: Client) => JSON.stringify(await send(app.url, client.token, { query }));
    const own = await its(alice);
    expect(ids.some((id) => own.includes(id))).toBe(true);
    for (const client of [bob, admin]) {
      const others = await its(client);
      expect(ids.filter((id) => others.includes(id))).toEqual([]);
    }
  }
});

test('the tables contain every field that takes an id, every type with an id, and every list', async () => {
  const schema = await createSchema();
  const taking: string[] = [];
  const idsIn = (type: GraphQLInputType, path: string): string[] => {
    const named = getNamedType(type);
    if (named.name === 'ID') return [path];
    if (!isInputObjectType(named)) return [];
    return Object.values(named.getFields()).flatMap((field) => idsIn(field.type, `${path}.${field.name}`));
  };
  for (const root of [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()])
    for (const field of Object.values(root?.getFields() ?? {}))
      for (const argument of field.args)
        for (const path of idsIn(argument.type, argument.name)) taking.push(`${root?.name}.${field.name}(${path})`);
  expect(taking.sort()).toEqual(Object.keys(FIELDS).sort());

  const node = schema.getType('Node');
  if (!isInterfaceType(node)) throw new Error('The schema has no Node');
  const types = schema.getPossibleTypes(node).map(({ name }) => name);
  expect(types.toSorted()).toEqual([...Object.keys(OWNED), ...SHARED].toSorted());

  const lists = Object.values(schema.getQueryType()?.getFields() ?? {}).filter(({ args, type }) => {
    const named = getNamedType(type).name.replace(/Connection$/, '');
    return named in OWNED && !args.some((argument) => idsIn(argument.type, argument.name).length > 0);
  });
  // `users` is for admins, who own no users.
  expect(lists.map(({ name }) => `Query.${name}`).sort()).toEqual([...Object.keys(LISTS), 'Query.users'].sort());
});
