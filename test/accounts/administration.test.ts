/** Admins set passwords and roles; users end their own sessions and accounts. */
import { create, queueOf, reaches, sql } from '../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../support/app.js';
import { type Answer, type Client, clientOf, signUp } from '../support/client.js';
import { until } from '../support/until.js';
import { codeOf, duringUpdate, isAccepted, PASSWORD, refresh, signIn, trySignIn, watch } from './support.js';

let app: TestApp;
let admin: Client & { id: string };
beforeAll(async () => {
  app = await startTestApp({ timings: { cleanIntervalMs: 100, credentialCheckIntervalMs: 100 } });
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterAll(() => app?.close());

const NEW = 'another horse battery';
const setPassword = (id: string, password = NEW, by: Client = admin): Promise<Answer> =>
  by.ask('mutation ($id: ID!, $new: String!) { setPassword(userId: $id, new: $new) { id email } }', {
    id,
    new: password,
  });
const setRole = (id: string, role: 'ADMIN' | 'USER', by: Client = admin): Promise<Answer> =>
  by.ask('mutation ($id: ID!, $role: Role!) { setRole(userId: $id, role: $role) { id role } }', { id, role });
const isAdmin = async (client: Client) => codeOf(await client.ask('{ users { totalCount } }')) === undefined;

describe('a forgotten password', () => {
  test('is replaced by an admin: the old password and all sessions stop working', async () => {
    const alice = await signUp(app.url);
    const socket = await watch(app.url, String(alice.token));
    expect((await setPassword(alice.id)).data.setPassword).toEqual({ id: alice.id, email: alice.email });
    expect(await socket.closed).toMatchObject({ code: 4403 });
    expect(await isAccepted(app.url, String(alice.token))).toBe(false);
    expect(codeOf(await refresh(app.url, alice.refreshToken))).toBe('UNAUTHENTICATED');
    expect(codeOf(await trySignIn(app.url, alice.email))).toBe('INVALID_CREDENTIALS');
    expect(await isAccepted(app.url, (await signIn(app.url, alice.email, NEW)).token)).toBe(true);
  });

  test('is no longer rate-limited after an admin replaced it', async () => {
    const alice = await signUp(app.url);
    for (let tries = 0; tries < 11; tries += 1) await trySignIn(app.url, alice.email, 'forgotten');
    expect(codeOf(await trySignIn(app.url, alice.email))).toBe('RATE_LIMITED');
    await setPassword(alice.id);
    expect((await trySignIn(app.url, alice.email, NEW)).errors).toBeUndefined();
  });

  test('is replaced only by an admin, by a valid password, for an existing account', async () => {
    const alice = await signUp(app.url);
    expect(codeOf(await setPassword(alice.id, NEW, alice))).toBe('FORBIDDEN');
    expect(codeOf(await setPassword(alice.id, NEW, clientOf(app.url)))).toBe('UNAUTHENTICATED');
    expect((await setPassword(alice.id, 'short')).errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      field: 'new',
    });
    for (const id of ['nobody', '01890000-0000-7000-8000-000000000000'])
      expect(codeOf(await setPassword(id))).toBe('NOT_FOUND');
    expect(await isAccepted(app.url, String(alice.token))).toBe(true);
  });
});

describe('a role', () => {
  test('is set by an admin, and applies to the next request', async () => {
    const alice = await signUp(app.url);
    expect(codeOf(await setRole(alice.id, 'ADMIN', alice))).toBe('FORBIDDEN');
    expect((await setRole(alice.id, 'ADMIN')).data.setRole).toEqual({ id: alice.id, role: 'ADMIN' });
    expect(await isAdmin(alice)).toBe(true);
    expect((await setRole(alice.id, 'USER')).data.setRole.role).toBe('USER');
    expect(await isAdmin(alice)).toBe(false);
  });

  test('that changes closes the sockets of the account, even if the notification is lost', async () => {
    const [alice, bob] = [await signUp(app.url), await signUp(app.url)];
    for (const { id } of [alice, bob]) await setRole(id, 'ADMIN');
    const sockets = [await watch(app.url, String(alice.token)), await watch(app.url, String(bob.token))];
    await setRole(alice.id, 'USER');
    await sql(app, `update users set role = 'USER' where id = $1`, [bob.id]);
    for (const socket of sockets) expect(await socket.closed).toMatchObject({ code: 4403 });
  });

  test('of the last admin cannot change, even if the last two admins demote each other', async () => {
    expect(codeOf(await setRole(admin.id, 'USER'))).toBe('CONFLICT');
    const other = await signUp(app.url);
    await setRole(other.id, 'ADMIN');
    const late = await duringUpdate(app, `role = 'USER'`, other.id, () => setRole(admin.id, 'USER', other));
    expect(codeOf(late)).toBe('FORBIDDEN');
    expect(await isAdmin(admin)).toBe(true);
  });
});

describe('sessions', () => {
  const LIST = '{ sessions { id isCurrent userAgent createdAt lastUsedAt expiresAt } }';
  const end = (client: Client, id: string) => client.ask('mutation ($id: ID!) { endSession(id: $id) }', { id });

  test('are listed with the current one, and one session can end another', async () => {
    const alice = await signUp(app.url);
    const phone = await signIn(app.url, alice.email);
    const { sessions } = (await alice.ask(LIST)).data;
    expect(sessions).toHaveLength(2);
    expect(sessions[0]).toMatchObject({ userAgent: expect.stringContaining('node'), lastUsedAt: expect.any(String) });
    const other = sessions.find(({ isCurrent }: { isCurrent: boolean }) => !isCurrent);
    const node = '... on SignedInSession { isCurrent }';
    expect((await alice.ask(`{ node(id: "${other.id}") { id ${node} } }`)).data.node).toEqual({
      id: other.id,
      isCurrent: false,
    });
    const socket = await watch(app.url, phone.token);
    expect((await end(alice, other.id)).data.endSession).toBe(other.id);
    expect(await socket.closed).toMatchObject({ code: 4403 });
    expect(await isAccepted(app.url, phone.token)).toBe(false);
    expect(codeOf(await refresh(app.url, phone.refreshToken))).toBe('UNAUTHENTICATED');
    expect(codeOf(await end(alice, other.id))).toBe('NOT_FOUND');
    expect((await alice.ask(LIST)).data.sessions).toHaveLength(1);
  });

  test('of other users cannot be seen or ended, and an API key sees none', async () => {
    const [alice, bob] = [await signUp(app.url), await signUp(app.url)];
    const [{ id }] = (await alice.ask(LIST)).data.sessions;
    expect(codeOf(await end(bob, id))).toBe('FORBIDDEN');
    expect(codeOf(await end(admin, id))).toBe('FORBIDDEN');
    expect(codeOf(await bob.ask(`{ node(id: "${id}") { id } }`))).toBe('FORBIDDEN');
    expect(codeOf(await end(alice, id))).toBe('CONFLICT');
    const { data } = await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }');
    const program = clientOf(app.url, data.createApiKey.secret);
    expect(codeOf(await program.ask(LIST))).toBe('FORBIDDEN');
    expect(codeOf(await end(program, id))).toBe('FORBIDDEN');
  });

  test('have the time of their last use, to the minute', async () => {
    const alice = await signUp(app.url);
    await sql(app, `update sessions set last_used_at = now() - interval '1 hour' where user_id = $1`, [alice.id]);
    const [{ lastUsedAt }] = (await alice.ask(LIST)).data.sessions;
    expect(Date.now() - Date.parse(lastUsedAt)).toBeLessThan(60_000);
  });
});

describe('a deleted account', () => {
  const remove = (client: Client, password = PASSWORD) =>
    client.ask('mutation ($password: String!) { deleteAccount(password: $password) }', { password });

  test('loses its credentials, sockets, generations and links, and frees its address', async () => {
    const alice = await signUp(app.url);
    const { data } = await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }');
    app.simulator.hold();
    const { id } = await create(alice);
    await reaches(app, id, 'running');
    const socket = await watch(app.url, String(alice.token));
    expect(codeOf(await remove(alice, 'wrong'))).toBe('INVALID_CREDENTIALS');
    expect((await remove(alice)).data).toEqual({ deleteAccount: true });
    expect(await socket.closed).toMatchObject({ code: 4403 });
    for (const credential of [String(alice.token), data.createApiKey.secret])
      expect(await isAccepted(app.url, credential)).toBe(false);
    expect(codeOf(await trySignIn(app.url, alice.email))).toBe('INVALID_CREDENTIALS');
    const remaining = `select from users where id = $1 and email = $2 union all select from api_keys where user_id = $1
      union all select from sessions where user_id = $1`;
    expect(await sql(app, remaining, [alice.id, alice.email])).toEqual([]);
    const { users } = (await admin.ask('{ users(first: 100) { nodes { id } } }')).data;
    expect(users.nodes).not.toContainEqual({ id: alice.id });
    expect(codeOf(await setPassword(alice.id))).toBe('NOT_FOUND');
    app.simulator.release();
    await until(async () => (await queueOf(app.simulator)).running.length === 0, 'the prompt to leave the queue');
    expect((await signUp(app.url, alice.email)).id).not.toBe(alice.id);
    // The cleaner keeps the row for a day, so that subscribers learn of the deletion.
    await sql(app, `update generations set deleted_at = now() - interval '25 hours' where user_id = $1`, [alice.id]);
    await until(
      async () => (await sql(app, 'select from users where id = $1', [alice.id])).length === 0,
      'the row to be removed',
    );
  });

  test('cannot be deleted with an API key, or by the last admin', async () => {
    const alice = await signUp(app.url);
    const { data } = await alice.ask('mutation { createApiKey(input: { name: "x" }) { secret } }');
    expect(codeOf(await remove(clientOf(app.url, data.createApiKey.secret)))).toBe('FORBIDDEN');
    expect(codeOf(await remove(admin))).toBe('CONFLICT');
    expect(await isAdmin(admin)).toBe(true);
  });
});
