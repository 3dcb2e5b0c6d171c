/**
 * A page of 20 waiting generations with their queue positions, and a creation, while 10,000 generations of 1,000 users wait: to the same
 * while 100 of 10 users wait. What the length of the queue costs.
 */
import { ask } from '../../support/api.mjs';
import { startServerWithStub } from '../../support/comfyui/jobs.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate, median } from '../../support/table/statistics.mjs';

const PAGE =
  '{ generations(first: 20) { nodes { id status prompt queuePosition model { name } createdAt } pageInfo { hasNextPage } } }';
const OWN = 20;

export async function measure({ rounds, isQuick }) {
  const finished = isQuick ? 30_000 : 300_000;
  const sides = {
    limit: await startQueue({ waiting: 100, users: 10, finished }),
    ours: await startQueue({ waiting: 10_000, users: 1_000, finished }),
  };
  const each = (act) => Object.fromEntries(Object.entries(sides).map(([side, queue]) => [side, () => act(queue)]));
  const timed = async (act) => {
    const taken = [];
    for (let nth = 0; nth < 20; nth += 1) {
      const start = performance.now();
      await act();
      taken.push(performance.now() - start);
    }
    return median(taken);
  };
  const pages = await alternate(
    each(({ url, user }) => timed(() => ask(url, PAGE, user))),
    rounds,
  );
  /** The stub ends each job at once, so that each is followed by a claim. */
  const claims = await alternate(
    each(async ({ stub }) => {
      await stub.call('begin', 0);
      const start = performance.now();
      while ((await stub.call('counted')).count < 20) await new Promise((resolve) => setTimeout(resolve, 5));
      const taken = (performance.now() - start) / 20;
      await stub.call('begin', null);
      return taken;
    }),
    Math.min(3, rounds),
  );
  for (const { server, stub } of Object.values(sides)) {
    await server.close();
    await stub.close();
  }
  return [
    compare('page of 20 with queue positions, 10,000 waiting, to 100 waiting', pages, ms, true),
    compare('one job after another, 10,000 waiting, to 100 waiting', claims, ms, true),
  ];
}

/** A server whose backend holds what it has, with waiting generations of many users, some of our own, and a history. */
async function startQueue({ waiting, users, finished }) {
  const { stub, server, user } = await startServerWithStub();
  await stub.call('begin', null);
  const { query } = server.database;
  await ask(server.url, 'mutation { createGeneration(input: { prompt: "x" }) { id } }', user);
  const { rows } = await query('select route, model_id, parameters, seed from generations');
  const [{ route, model_id: model, parameters, seed }] = rows;
  await query(
    `insert into users (id, email, password_hash) select gen_random_uuid(), n || '@example.com', '' from generate_series(1, $1::int) n`,
    [users],
  );
  const insert = (count, status, isWaiting) =>
    query(
      `insert into generations (id, user_id, status, waiting, prompt, negative_prompt, workflow_name, workflow_version, parameters, route,
         model_id, seed, created_at, completed_at)
       select gen_random_uuid(), u.id, $1, $2, 'a landscape', '', 'text-to-image', 1, $3, $4, $5, $6, now() - n * interval '1 s',
         case when $2 then null else now() end
       from generate_series(1, $7::int) n join (select id, row_number() over () - 1 as nth from users) u on u.nth = n % $8::int`,
      [status, isWaiting, parameters, route, model, seed, count, users],
    );
  await insert(finished, 'COMPLETED', false);
  await insert(waiting, 'PENDING', true);
  await query('update generations set user_id = $1 where id in (select id from generations where waiting limit $2)', [
    user.id,
    OWN,
  ]);
  await query('vacuum analyze');
  return { stub, server, user, url: server.url };
}
