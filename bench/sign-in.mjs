/** Measures whether the duration of a sign-in reveals an account: a wrong password for a known and for an unknown address. */
import { ask, at, signUp, startServer } from './server.mjs';

const SAMPLES = 150;
/** The server allows ten attempts per account. */
const TRIES = 8;
const server = await startServer();
try {
  const emails = [];
  for (let nth = 0; nth < SAMPLES / TRIES; nth += 1)
    emails.push((await signUp(server.url, `known-${nth}@example.com`)).email);
  const taken = { known: [], unknown: [] };
  const attempt = async (kind, address) => {
    const input = { email: address, password: 'a wrong password' };
    const start = performance.now();
    await ask(server.url, 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }', {
      variables: { input },
    }).catch((error) => {
      if (!error.message.includes('INVALID_CREDENTIALS')) throw error;
    });
    taken[kind].push(performance.now() - start);
  };
  for (let nth = 0; nth < SAMPLES; nth += 1) {
    // Alternate, so that each is first equally often.
    const pair = [
      () => attempt('known', emails[Math.floor(nth / TRIES)]),
      () => attempt('unknown', `nobody-${Math.floor(nth / TRIES)}@example.com`),
    ];
    for (const act of nth % 2 ? pair : pair.reverse()) await act();
  }
  const [known, unknown] = [at(taken.known, 0.5), at(taken.unknown, 0.5)];
  console.log(`known ${known.toFixed(1)} ms, unknown ${unknown.toFixed(1)} ms (medians of ${SAMPLES})`);
  console.log(`ratio ${(Math.max(known, unknown) / Math.min(known, unknown)).toFixed(3)}`);
} finally {
  await server.close();
}
