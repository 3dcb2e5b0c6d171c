/** Whether the duration of a sign-in reveals an account: a wrong password for a known and for an unknown address. 1 reveals nothing. */
import { ask, signUp } from '../../support/api.mjs';
import { startServer } from '../../support/process/server.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, median } from '../../support/table/statistics.mjs';

/** The server allows ten attempts per account. */
const TRIES = 8;

export async function measure({ rounds }) {
  const server = await startServer();
  for (let round = 0; round < rounds; round += 1) await signUp(server.url, `known-${round}@example.com`);
  const attempts = async (address) => {
    const taken = [];
    for (let nth = 0; nth < TRIES; nth += 1) {
      const variables = { input: { email: address, password: 'a wrong password' } };
      const start = performance.now();
      await ask(server.url, 'mutation ($input: SignInInput!) { signIn(input: $input) { accessToken } }', {
        variables,
      }).catch((error) => {
        if (!error.message.includes('INVALID_CREDENTIALS')) throw error;
      });
      taken.push(performance.now() - start);
    }
    return median(taken);
  };
  const measured = await alternate(
    {
      ours: (round) => attempts(`unknown-${round}@example.com`),
      limit: (round) => attempts(`known-${round}@example.com`),
    },
    rounds,
  );
  await server.close();
  return [compare('sign-in of an unknown address, to a known one', measured, ms, true)];
}
