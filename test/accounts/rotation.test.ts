/** The secret can be changed without signing anybody out: what the one before has signed is good still. */
import { becomes, create } from '../generations/support.js';
import { startConfigured, startTestApp } from '../support/app.js';
import { clientOf, signUp } from '../support/client.js';
import { isGood, refresh } from './support.js';

const [OLD, NEW] = ['kR7vQ2mZ9xW4tB6nL1cJ8sD3fH5gP0yU', 'pA8wE3rT6yU1iO9sD2fG5hJ7kL4zX0cV'];

test('tokens, refresh tokens and links of before are good with JWT_SECRET_PREVIOUS, and not without', async () => {
  const app = await startTestApp({ env: { JWT_SECRET: OLD } });
  const changed = await startConfigured({ ...app.env, JWT_SECRET: NEW, JWT_SECRET_PREVIOUS: OLD });
  const forgot = await startConfigured({ ...app.env, JWT_SECRET: NEW });
  try {
    const alice = await signUp(app.url);
    const done = await becomes(alice, (await create(alice)).id, 'COMPLETED');
    const link = String(done.result?.images[0]?.url);
    expect(await isGood(changed.url, String(alice.token))).toBe(true);
    expect(await isGood(forgot.url, String(alice.token))).toBe(false);
    expect((await fetch(changed.url + link)).status).toBe(200);
    expect((await fetch(forgot.url + link)).status).toBe(404);
    expect((await refresh(forgot.url, alice.refreshToken)).errors).toBeDefined();
    const { data } = await refresh(changed.url, alice.refreshToken);
    // What is signed from now on is signed with the new one.
    expect(await isGood(forgot.url, data.refreshSession.accessToken)).toBe(true);
    expect((await clientOf(forgot.url, data.refreshSession.accessToken).ask('{ viewer { id } }')).data.viewer.id).toBe(
      alice.id,
    );
  } finally {
    await forgot.close();
    await changed.close();
    await app.close();
  }
});
