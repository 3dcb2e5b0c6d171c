/**
 * Rate limits count per field, survive a restart, and are shared by all transports and servers.
 *
 * @slow: waits for limits to recover.
 */

import { startTestApp, type TestApp } from '../support/app.js';
import { type Answer, clientOf, overHttp, overWebSocket, signUp } from '../support/client.js';

const PASSWORD = 'correct horse battery';
const MINUTES_15 = 15 * 60;

let app: TestApp;
beforeEach(async () => {
  app = await startTestApp();
});
afterEach(() => app?.close());

const signIn = (email: string, password: string) =>
  `signIn(input: { email: "${email}", password: "${password}" }) { accessToken }`;
const codes = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions.code);
const many = (count: number, field: string) =>
  `mutation { ${Array.from({ length: count }, (_, i) => `a${i}: ${field}`).join(' ')} }`;
const limitOf = ({ errors = [] }: Answer) => errors.at(-1)?.extensions;

test('the eleventh wrong password in one document is RATE_LIMITED, and so is the correct one afterwards', async () => {
  const { email } = await signUp(app.url);
  const answer = await clientOf(app.url).ask(many(11, signIn(email, 'wrong')));
  expect(codes(answer)).toEqual([...Array(10).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
  expect(limitOf(answer)).toEqual({ code: 'RATE_LIMITED', limit: 10, retryAfter: expect.any(Number) });
  const { retryAfter } = limitOf(answer) as { retryAfter: number };
  expect(retryAfter).toBeGreaterThan(0);
  expect(retryAfter).toBeLessThanOrEqual(MINUTES_15);
  expect(codes(await clientOf(app.url).ask(many(1, signIn(email, PASSWORD))))).toEqual(['RATE_LIMITED']);
  // The same account in another spelling.
  expect(codes(await clientOf(app.url).ask(many(1, signIn(email.toUpperCase(), PASSWORD))))).toEqual(['RATE_LIMITED']);
});

test('a limited account does not affect other accounts', async () => {
  const [{ email }, bob] = await Promise.all([signUp(app.url), signUp(app.url)]);
  await clientOf(app.url).ask(many(11, signIn(email, 'wrong')));
  expect((await clientOf(app.url).ask(many(1, signIn(bob.email, PASSWORD)))).errors).toBeUndefined();
});

test('an unknown account is limited like a known one', async () => {
  const answer = await clientOf(app.url).ask(many(11, signIn('nobody@example.com', 'wrong')));
  expect(codes(answer).at(-1)).toBe('RATE_LIMITED');
});

test('a correct password resets the count', async () => {
  const { email } = await signUp(app.url);
  for (const _ of Array(3)) {
    const wrong = await clientOf(app.url).ask(many(9, signIn(email, 'wrong')));
    expect(codes(wrong)).toEqual(Array(9).fill('INVALID_CREDENTIALS'));
    expect((await clientOf(app.url).ask(many(1, signIn(email, PASSWORD)))).errors).toBeUndefined();
  }
});

test('attempts over HTTP, over WebSocket and through another server are counted together', async () => {
  const { email } = await signUp(app.url);
  const other = await app.startAnother();
  try {
    const transports = [overHttp(app.url), overWebSocket(app.url), overHttp(other.url), overWebSocket(other.url)];
    for (const transport of transports.slice(0, 3)) await transport.ask(many(3, signIn(email, 'wrong')));
    const last = transports[3];
    expect(codes((await last?.ask(many(2, signIn(email, 'wrong')))) ?? {})).toEqual([
      'INVALID_CREDENTIALS',
      'RATE_LIMITED',
    ]);
  } finally {
    await other.close();
  }
});

test('a wrong current password in changePassword counts as an attempt', async () => {
  const alice = await signUp(app.url);
  const field = 'changePassword(current: "wrong", new: "another horse battery") { accessToken }';
  expect(codes(await alice.ask(many(11, field))).at(-1)).toBe('RATE_LIMITED');
  expect(codes(await clientOf(app.url).ask(many(1, signIn(alice.email, PASSWORD))))).toEqual(['RATE_LIMITED']);
});

test('neither email addresses nor IP addresses are stored', async () => {
  const { email } = await signUp(app.url);
  await clientOf(app.url).ask(many(1, signIn(email, 'wrong')));
  const rows = await app.database.query<{ key: string }>('select key from rate_limits');
  expect(rows.length).toBeGreaterThan(0);
  for (const { key } of rows) expect(key).not.toMatch(/@|127\.0\.0\.1/);
});

describe('with low limits', () => {
  let strict: TestApp;
  beforeEach(async () => {
    strict = await startTestApp({
      env: { MAX_SIGN_INS_PER_ADDRESS: '3', MAX_SIGN_UPS_PER_ADDRESS: '2', MAX_CREATED_PER_MINUTE: '2' },
    });
    strict.simulator.hold();
  });
  afterEach(() => strict?.close());

  test('an address that tries many accounts is limited, also after a restart', async () => {
    const { email } = await signUp(strict.url);
    const wrong = [1, 2, 3, 4].map((n) => `a${n}: ${signIn(`nobody-${n}@example.com`, 'wrong')}`).join(' ');
    const answer = await clientOf(strict.url).ask(`mutation { ${wrong} }`);
    expect(codes(answer)).toEqual([...Array(3).fill('INVALID_CREDENTIALS'), 'RATE_LIMITED']);
    expect(limitOf(answer)).toMatchObject({ limit: 3 });
    const restarted = await strict.startAnother();
    const again = await clientOf(restarted.url).ask(many(1, signIn(email, PASSWORD)));
    await restarted.close();
    expect(codes(again)).toEqual(['RATE_LIMITED']);
  });

  test('successful sign-ins do not count against an address', async () => {
    const { email } = await signUp(strict.url);
    for (const _ of Array(5))
      expect((await clientOf(strict.url).ask(many(1, signIn(email, PASSWORD)))).errors).toBeUndefined();
  });

  test('sign-ups are limited per address', async () => {
    await signUp(strict.url);
    await signUp(strict.url);
    await expect(signUp(strict.url)).rejects.toThrow('RATE_LIMITED');
  });

  test('creations are limited per user; every alias and every retry counts', async () => {
    const [alice, bob] = [await signUp(strict.url), await signUp(strict.url)];
    const create = 'createGeneration(input: { prompt: "x" }) { id }';
    const answer = await alice.ask(many(3, create));
    expect(codes(answer)).toEqual(['RATE_LIMITED']);
    expect(answer.data.a2).toBeNull();
    expect(limitOf(answer)).toMatchObject({ limit: 2, retryAfter: expect.any(Number) });
    expect(codes(await alice.ask(`mutation { retryGeneration(id: "${answer.data.a0.id}") { id } }`))).toEqual([
      'RATE_LIMITED',
    ]);
    expect((await bob.ask(many(2, create))).errors).toBeUndefined();
  });
});
