/** `createGeneration`, durable: of one user, and of 64 users at once. The backend takes no work, so that only the creation is measured. */
import { ask, signUpMany, until } from '../../support/api.mjs';
import { startPlainWay } from '../../support/process/plain-way.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { POOL_SIZE, startServer } from '../../support/process/server.mjs';
import { perSecond } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

const CONNECTIONS = 32;
const USERS = 64;
const BODY = JSON.stringify({
  query: 'mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { id status createdAt } }',
  variables: { input: { prompt: 'a lighthouse at dusk', width: 512, height: 512, steps: 20 } },
});

export async function measure({ rounds, seconds }) {
  const server = await startServer();
  const users = await signUpMany(server.url, USERS);
  const [admin] = users;
  const [backend] = await until(async () => {
    const { backends } = await ask(server.url, '{ backends { name state } }', admin);
    return backends[0].state === 'ONLINE' && backends;
  }, 'the backend is online');
  await ask(server.url, 'mutation ($name: String!) { drainBackend(name: $name) { state } }', {
    token: admin.token,
    variables: { name: backend.name },
  });
  // The bare program and the plain way insert into a table of their own, with the same columns and no triggers.
  await server.database.query('create schema bare');
  await server.database.query('create table bare.generations (like generations including defaults, primary key (id))');
  const env = { DATABASE_URL: server.database.url, USER_ID: admin.id, POOL_SIZE };
  const limit = await startProcess('bench/limits/insert.mjs', { env });
  const plain = await startPlainWay({ ...env, DATABASE_URL: `${server.database.url}&options=-csearch_path%3Dbare` });
  const load = await startProcess('bench/support/load/http.mjs');

  const run = async (url, path, tokens, length = seconds) => {
    const requests = tokens.map((token) => ({ token, body: BODY }));
    const { rate } = await load.call('run', { url, path, requests, connections: CONNECTIONS, seconds: length });
    // Each round begins with an empty queue.
    await server.database.query('delete from generations');
    await server.database.query('truncate bare.generations');
    return rate;
  };
  const sides = (tokens) => ({
    ours: () => run(server.url, '/graphql', tokens),
    limit: () => run(limit.url, '/', tokens),
    plain: () => run(plain.url, '/', tokens),
  });
  const tokens = users.map(({ token }) => token);
  for (const [url, path] of [
    [server.url, '/graphql'],
    [limit.url, '/'],
    [plain.url, '/'],
  ])
    await run(url, path, tokens, 1);
  const many = await alternate(sides(tokens), rounds);
  const one = await alternate(sides(tokens.slice(0, 1)), rounds);
  for (const process of [load, plain, limit, server]) await process.close();
  return [
    compare(`createGeneration, ${USERS} users, ${CONNECTIONS} connections`, many, perSecond),
    compare(`createGeneration, one user, ${CONNECTIONS} connections`, one, perSecond),
  ];
}
