/** An API key authenticates as its owner until it is revoked, and cannot change the account. */
import { sql } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, clientOf, signUp } from '../../support/client.js';
import { codeOf, isAccepted, watch } from '../support.js';

let app: TestApp;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  app = await startTestApp();
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
});
afterAll(() => app.close());

const tryCreateKey = (client: Client, input: object = { name: 'a program' }) =>
  client.ask(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id name prefix expiresAt lastUsedAt } } }',
    { input },
  );
const createKey = async (client = alice, input?: object) => (await tryCreateKey(client, input)).data.createApiKey;
const list = async (client: Client) => (await client.ask('{ apiKeys { id name prefix lastUsedAt } }')).data.apiKeys;
const remove = (client: Client, id: string) => client.ask('mutation ($id: ID!) { deleteApiKey(id: $id) }', { id });

test('a key is shown once, and authenticates as its owner over HTTP and WebSocket', async () => {
  const { secret, apiKey } = await createKey();
  expect(secret).toMatch(/^cg_[\w-]{43}$/);
  expect(secret.startsWith(apiKey.prefix)).toBe(true);
  const program = clientOf(app.url, secret);
  const viewer = (await alice.ask('{ viewer { id } }')).data;
  expect((await program.ask('{ viewer { id } }')).data).toEqual(viewer);
  for await (const answer of program.watch('{ viewer { id } }')) expect(answer.data).toEqual(viewer);
  const { data } = await program.ask('mutation { createGeneration(input: { prompt: "by a program" }) { id } }');
  expect((await alice.ask(`{ generation(id: "${data.createGeneration.id}") { prompt } }`)).data.generation.prompt).toBe(
    'by a program',
  );
  expect(JSON.stringify(await list(alice))).not.toContain(secret);
  expect((await list(alice)).find(({ id }: { id: string }) => id === apiKey.id).lastUsedAt).not.toBeNull();
});

test('the database holds only the hash of a key', async () => {
  const { secret } = await createKey();
  const [row] = await sql<{ text: string }>(app, `select string_agg(k::text, '') as text from api_keys k`);
  expect(row?.text).not.toContain(secret.slice(10));
});

test('a deleted key is rejected and its sockets close; other keys keep working', async () => {
  const [deleted, other] = [await createKey(), await createKey()];
  const [closes, stays] = [await watch(app.url, deleted.secret), await watch(app.url, other.secret)];
  expect((await remove(alice, deleted.apiKey.id)).data.deleteApiKey).toBe(deleted.apiKey.id);
  expect(await isAccepted(app.url, deleted.secret)).toBe(false);
  expect(await closes.closed).toMatchObject({ code: 4403 });
  expect(await isAccepted(app.url, other.secret)).toBe(true);
  await stays.close();
  expect(codeOf(await remove(alice, deleted.apiKey.id))).toBe('NOT_FOUND');
});

test('an expired key is rejected, and its socket closes', async () => {
  const { secret, apiKey } = await createKey(alice, { name: 'brief', expiresAt: new Date(Date.now() + 3_600_000) });
  expect(await isAccepted(app.url, secret)).toBe(true);
  const socket = await watch(app.url, secret);
  await sql(app, `update api_keys set expires_at = now() - interval '1 s' where id = $1`, [apiKey.id]);
  expect(await isAccepted(app.url, secret)).toBe(false);
  expect(await socket.closed).toMatchObject({ code: 4403 });
});

test('an API key cannot create, list or delete keys, sign out, or change the password', async () => {
  const program = clientOf(app.url, (await createKey()).secret);
  const { id } = (await createKey()).apiKey;
  for (const document of [
    'mutation { createApiKey(input: { name: "another" }) { secret } }',
    '{ apiKeys { id } }',
    `mutation { deleteApiKey(id: "${id}") }`,
    'mutation { signOut(everywhere: true) }',
    'mutation { changePassword(current: "correct horse battery", new: "stolen password") { accessToken } }',
  ])
    expect(codeOf(await program.ask(document))).toBe('FORBIDDEN');
});

test('another user’s key is FORBIDDEN, as a node and for deleteApiKey', async () => {
  const { id } = (await createKey()).apiKey;
  expect(codeOf(await bob.ask(`{ node(id: "${id}") { id } }`))).toBe('FORBIDDEN');
  expect(codeOf(await remove(bob, id))).toBe('FORBIDDEN');
  expect((await alice.ask(`{ node(id: "${id}") { __typename id } }`)).data.node).toEqual({ __typename: 'ApiKey', id });
  expect((await list(bob)).map((key: { id: string }) => key.id)).not.toContain(id);
});

test('simultaneous creations cannot exceed the limit of keys', async () => {
  const carol = await signUp(app.url);
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => tryCreateKey(carol)));
  await many(99);
  const answers = await many(10);
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(await list(carol)).toHaveLength(100);
});

test.each([
  ['an empty name', { name: ' ' }, 'name'],
  ['a name of 101 characters', { name: 'x'.repeat(101) }, 'name'],
  ['an expiry in the past', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
])('%s is BAD_USER_INPUT', async (_, input, field) => {
  const { errors } = await tryCreateKey(alice, input);
  expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field });
});

test.each(['cg_', 'cg_wrong', `cg_${'A'.repeat(43)}`])('the unknown key %s is rejected', async (secret) => {
  expect(await isAccepted(app.url, secret)).toBe(false);
});
