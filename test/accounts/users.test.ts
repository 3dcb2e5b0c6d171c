/** Admins list, create, disable and enable accounts; other users cannot. */
import {
  becomes,
  create,
  follow,
  promptsOf,
  queueOf,
  reaches,
  read,
  SMALL,
  sql,
  tryCreate,
} from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Answer, type Client, clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { codeOf, duringUpdate, isAccepted, PASSWORD, refresh, signIn, trySignIn, watch } from './support.js';

let app: TestApp;
let admin: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp();
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterEach(() => app.simulator.heal());
afterAll(() => app.close());

const USERS = `query ($first: Int, $after: String) {
  users(first: $first, after: $after) {
    nodes { id email role disabledAt } edges { cursor node { id } } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
  }
}`;
const disable = (id: string, client: Client = admin) =>
  client.ask('mutation ($id: ID!) { disableUser(id: $id) { id disabledAt } }', { id });
const enable = (id: string) => admin.ask('mutation ($id: ID!) { enableUser(id: $id) { id disabledAt } }', { id });

test('users are listed page by page, oldest first', async () => {
  const some = [await signUp(app.url), await signUp(app.url), await signUp(app.url)];
  const seen: string[] = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const answer: Answer = await admin.ask(USERS, { first: 2, after });
    const { users } = answer.data;
    seen.push(...users.nodes.map(({ id }: { id: string }) => id));
    expect(users.totalCount).toBeGreaterThanOrEqual(4);
    after = users.pageInfo.endCursor;
    more = users.pageInfo.hasNextPage;
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen.slice(-3)).toEqual(some.map(({ id }) => id));
  expect(codeOf(await admin.ask(USERS, { after: 'nonsense' }))).toBe('BAD_USER_INPUT');
});

test('listing, creating, disabling and enabling are FORBIDDEN for users', async () => {
  const [alice, bob] = [await signUp(app.url), await signUp(app.url)];
  for (const document of [
    '{ users { totalCount } }',
    'mutation { createUser(input: { email: "carol@example.com", password: "correct horse" }) { id } }',
    `mutation { disableUser(id: "${bob.id}") { id } }`,
    `mutation { enableUser(id: "${bob.id}") { id } }`,
  ])
    expect(codeOf(await alice.ask(document))).toBe('FORBIDDEN');
  expect(await isAccepted(app.url, String(bob.token))).toBe(true);
});

test('an account created by an admin can sign in, and has the role USER', async () => {
  const email = `made-${Date.now()}@example.com`;
  const { data } = await admin.ask(
    'mutation ($input: SignUpInput!) { createUser(input: $input) { email role name } }',
    { input: { email, password: PASSWORD, name: 'Made' } },
  );
  expect(data.createUser).toEqual({ email, role: 'USER', name: 'Made' });
  expect(await isAccepted(app.url, (await signIn(app.url, email)).token)).toBe(true);
});

describe('a disabled account', () => {
  test('is rejected: no token, no refresh, no sign-in, no socket, no key', async () => {
    const alice = await signUp(app.url);
    const { data } = await alice.ask('mutation { createApiKey(input: { name: "a program" }) { secret } }');
    const key = data.createApiKey.secret;
    const sockets = [await watch(app.url, String(alice.token)), await watch(app.url, key)];
    expect((await disable(alice.id)).data.disableUser.disabledAt).not.toBeNull();
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4403 });
    for (const credential of [String(alice.token), key]) expect(await isAccepted(app.url, credential)).toBe(false);
    expect(codeOf(await refresh(app.url, alice.refreshToken))).toBe('UNAUTHENTICATED');
    expect(codeOf(await trySignIn(app.url, alice.email))).toBe('FORBIDDEN');
    expect(codeOf(await trySignIn(app.url, alice.email, 'wrong password'))).toBe('INVALID_CREDENTIALS');
  });

  test('has its generations canceled and its links disabled; other users are not affected', async () => {
    const [alice, bob] = [await signUp(app.url), await signUp(app.url)];
    const done = await becomes(alice, (await create(alice)).id, 'COMPLETED');
    const url = `${app.url}${done.result?.images[0]?.url}`;
    expect((await fetch(url)).status).toBe(200);
    app.simulator.hold();
    const runs = await create(alice, { steps: 20 });
    await reaches(app, runs.id, 'running');
    const waits = [await create(alice), await create(alice)];
    const his = await create(bob);
    const before = app.simulator.journal.requests('POST /interrupt');
    await disable(alice.id);
    expect((await fetch(url)).status).toBe(404);
    // Before the interrupt and the removal from the queue a release could complete them.
    await until(() => app.simulator.journal.requests('POST /interrupt') > before, 'the interrupt');
    const prompts = (await Promise.all(waits.map(({ id }) => promptsOf(app, id)))).flat();
    const isTakenOut = async () => !(await queueOf(app.simulator)).pending.some((id) => prompts.includes(id));
    await until(isTakenOut, 'the waiting prompts to leave the queue');
    app.simulator.release();
    await becomes(bob, his.id, 'COMPLETED');
    await enable(alice.id);
    const back = clientOf(app.url, (await signIn(app.url, alice.email)).token);
    for (const { id } of [runs, ...waits]) await becomes(back, id, 'CANCELED');
    expect((await read(back, done.id)).status).toBe('COMPLETED');
    expect((await fetch(url)).status).toBe(200);
  });

  test.each<[claim: string, code: string, ask: (alice: Client & { email: string }, id: string) => Promise<Answer>]>([
    ['creates a generation', 'UNAUTHENTICATED', (alice) => tryCreate(alice, SMALL)],
    [
      'retries a generation',
      'UNAUTHENTICATED',
      (alice, id) => alice.ask(`mutation { retryGeneration(id: "${id}") { id } }`),
    ],
    ['signs in', 'FORBIDDEN', (alice) => trySignIn(app.url, alice.email)],
  ])('that %s while it is being disabled is rejected, and leaves no rows', async (_, code, ask) => {
    const alice = await signUp(app.url);
    const { id } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
    expect(codeOf(await duringUpdate(app, 'disabled_at = now()', alice.id, () => ask(alice, id)))).toBe(code);
    const remaining =
      'select id from generations where user_id = $1 union all select id from sessions where user_id = $1';
    expect(await sql(app, remaining, [alice.id])).toHaveLength(2);
  });

  test('can be enabled again, and has to sign in', async () => {
    const alice = await signUp(app.url);
    await disable(alice.id);
    await disable(alice.id);
    expect((await enable(alice.id)).data.enableUser.disabledAt).toBeNull();
    expect(await isAccepted(app.url, String(alice.token))).toBe(false);
    expect(await isAccepted(app.url, (await signIn(app.url, alice.email)).token)).toBe(true);
  });

  test('is never the admin’s own, and two admins cannot disable each other', async () => {
    expect(codeOf(await disable(admin.id))).toBe('CONFLICT');
    const other = await signUp(app.url);
    await sql(app, `update users set role = 'ADMIN' where id = $1`, [other.id]);
    const late = await duringUpdate(app, 'disabled_at = now()', other.id, () => disable(admin.id, other));
    expect(codeOf(late)).toBe('UNAUTHENTICATED');
    expect(codeOf(await disable('01890000-0000-7000-8000-000000000000'))).toBe('NOT_FOUND');
    expect(await isAccepted(app.url, String(admin.token))).toBe(true);
  });
});

test('another user’s generation is FORBIDDEN for an admin', async () => {
  const alice = await signUp(app.url);
  const { id } = await create(alice);
  for (const document of [
    `{ generation(id: "${id}") { id } }`,
    `{ node(id: "${id}") { id } }`,
    `mutation { cancelGeneration(id: "${id}") { id } }`,
    `mutation { deleteGeneration(id: "${id}") }`,
    `mutation { retryGeneration(id: "${id}") { id } }`,
  ])
    expect(codeOf(await admin.ask(document))).toBe('FORBIDDEN');
  await expect(follow(app, admin, id).ended).rejects.toThrow('FORBIDDEN');
});

describe('with closed registration', () => {
  test('only the admin can sign up, and creates the other accounts', async () => {
    const closed = await startTestApp({ env: { REGISTRATION: 'closed' } });
    try {
      const attempt = await clientOf(closed.url).ask(
        `mutation { signUp(input: { email: "mallory@example.com", password: "${PASSWORD}" }) { accessToken } }`,
      );
      expect(codeOf(attempt)).toBe('FORBIDDEN');
      const boss = await signUp(closed.url, ADMIN_EMAIL);
      const { errors } = await boss.ask(
        `mutation { createUser(input: { email: "alice@example.com", password: "${PASSWORD}" }) { id } }`,
      );
      expect(errors).toBeUndefined();
      expect((await trySignIn(closed.url, 'alice@example.com')).errors).toBeUndefined();
    } finally {
      await closed.close();
    }
  });
});
