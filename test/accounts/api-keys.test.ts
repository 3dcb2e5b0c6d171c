/** A key lets a program in wherever its owner gets in, until it is taken back; and lets it do nothing to the account. */
import { sql } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { codeOf, isGood, watch } from './support.js';

let app: TestApp;
let alice: Client;
let bob: Client;
beforeAll(async () => {
  app = await startTestApp();
  [alice, bob] = [await signUp(app.url), await signUp(app.url)];
});
afterAll(() => app.close());

const tryMake = (client: Client, input: object = { name: 'a program' }) =>
  client.ask(
    'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { secret apiKey { id name prefix expiresAt lastUsedAt } } }',
    { input },
  );
const make = async (client = alice, input?: object) => (await tryMake(client, input)).data.createApiKey;
const list = async (client: Client) => (await client.ask('{ apiKeys { id name prefix lastUsedAt } }')).data.apiKeys;
const remove = (client: Client, id: string) => client.ask('mutation ($id: ID!) { deleteApiKey(id: $id) }', { id });

test('a key is shown once, and works as its owner over HTTP and WebSocket', async () => {
  const { secret, apiKey } = await make();
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

test('only its hash is kept', async () => {
  const { secret } = await make();
  const [row] = await sql<{ text: string }>(app, `select string_agg(k::text, '') as text from api_keys k`);
  expect(row?.text).not.toContain(secret.slice(10));
});

test('a key that is taken back is good for nothing, and its sockets close; others go on', async () => {
  const [taken, other] = [await make(), await make()];
  const [closes, stays] = [await watch(app.url, taken.secret), await watch(app.url, other.secret)];
  expect((await remove(alice, taken.apiKey.id)).data.deleteApiKey).toBe(taken.apiKey.id);
  expect(await isGood(app.url, taken.secret)).toBe(false);
  expect(await closes.closed).toMatchObject({ code: 4403 });
  expect(await isGood(app.url, other.secret)).toBe(true);
  await stays.close();
  expect(codeOf(await remove(alice, taken.apiKey.id))).toBe('NOT_FOUND');
});

test('one that has expired is good for nothing, and closes its socket', async () => {
  const { secret, apiKey } = await make(alice, { name: 'brief', expiresAt: new Date(Date.now() + 3_600_000) });
  expect(await isGood(app.url, secret)).toBe(true);
  const socket = await watch(app.url, secret);
  await sql(app, `update api_keys set expires_at = now() - interval '1 s' where id = $1`, [apiKey.id]);
  expect(await isGood(app.url, secret)).toBe(false);
  expect(await socket.closed).toMatchObject({ code: 4403 });
});

test('a program can neither make, list nor take back keys, nor sign out, nor change the password', async () => {
  const program = clientOf(app.url, (await make()).secret);
  const { id } = (await make()).apiKey;
  for (const document of [
    'mutation { createApiKey(input: { name: "another" }) { secret } }',
    '{ apiKeys { id } }',
    `mutation { deleteApiKey(id: "${id}") }`,
    'mutation { signOut(everywhere: true) }',
    'mutation { changePassword(current: "correct horse battery", new: "stolen password") { accessToken } }',
  ])
    expect(codeOf(await program.ask(document))).toBe('FORBIDDEN');
});

test('another’s key is FORBIDDEN, by its id as a node and to take back', async () => {
  const { id } = (await make()).apiKey;
  expect(codeOf(await bob.ask(`{ node(id: "${id}") { id } }`))).toBe('FORBIDDEN');
  expect(codeOf(await remove(bob, id))).toBe('FORBIDDEN');
  expect((await alice.ask(`{ node(id: "${id}") { __typename id } }`)).data.node).toEqual({ __typename: 'ApiKey', id });
  expect((await list(bob)).map((key: { id: string }) => key.id)).not.toContain(id);
});

test('of many that are made at once, with room for one, one is', async () => {
  const carol = await signUp(app.url);
  const many = (count: number) => Promise.all(Array.from({ length: count }, () => tryMake(carol)));
  await many(99);
  const answers = await many(10);
  expect(answers.filter(({ errors }) => !errors)).toHaveLength(1);
  expect(await list(carol)).toHaveLength(100);
});

test.each([
  ['a name of nothing', { name: ' ' }, 'name'],
  ['a name that is too long', { name: 'x'.repeat(101) }, 'name'],
  ['an end in the past', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
])('%s is refused', async (_, input, field) => {
  const { errors } = await tryMake(alice, input);
  expect(errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', field });
});

test.each(['cg_', 'cg_wrong', `cg_${'A'.repeat(43)}`])('%s is nobody’s', async (secret) => {
  expect(await isGood(app.url, secret)).toBe(false);
});
