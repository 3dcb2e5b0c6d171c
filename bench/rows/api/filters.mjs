/** Every filter, order and count of one user's generations at a million: against the first page of the same list. */
import { ask, signUp } from '../../support/api.mjs';
import { fillGallery, indexPrompts } from '../../support/gallery.mjs';
import { startServer } from '../../support/process/server.mjs';
import { ms } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

const NODES = 'nodes { id status prompt createdAt completedAt } pageInfo { endCursor }';
const BY_COMPLETION = 'orderBy: { field: COMPLETED_AT }';
const page = (given) => `{ generations(${given}) { ${NODES} } }`;
const filter = (given, more = 'first: 20') => page(`${more}, filter: { ${given} }`);

export async function measure({ rounds, isQuick }) {
  const count = isQuick ? 100_000 : 1_000_000;
  const server = await startServer();
  const { database } = server;
  const { id, token } = await signUp(server.url, 'collector@example.com');
  await fillGallery(database, id, count);
  const rare = `and a heron ${'x'.repeat(3)}`;
  await database.query(
    'update generations set prompt = prompt || $1, output_kinds = 2 where id in (select id from generations order by created_at offset $2 limit 3)',
    [rare, Math.floor(count / 2)],
  );
  await indexPrompts(database, id);
  const readAt = async (offset) =>
    (await database.query('select created_at from generations order by created_at offset $1 limit 1', [offset])).rows[0]
      .created_at;
  const middle = (await readAt(Math.floor(count / 2))).toISOString();
  const early = (await readAt(Math.floor(count / 10))).toISOString();
  const nextDay = new Date(new Date(middle).getTime() + 3_600_000).toISOString();
  const { generations } = await ask(server.url, filter(`createdBefore: "${middle}"`), { token });
  const cursor = generations.pageInfo.endCursor;

  const queries = {
    'last page': page('last: 20'),
    'a page in the middle, by cursor': page(`first: 20, after: "${cursor}"`),
    'first page by completedAt': page(`first: 20, ${BY_COMPLETION}`),
    'old dates by completedAt': filter(`createdBefore: "${early}"`, `first: 20, ${BY_COMPLETION}`),
    'by date': filter(`createdAfter: "${middle}", createdBefore: "${nextDay}"`),
    'search, common': filter('search: "lighthouse"'),
    'search, rare': filter('search: "heron"'),
    'search, rare, by completedAt': filter('search: "heron"', `first: 20, ${BY_COMPLETION}`),
    'search, rare, and status': filter('search: "heron", status: [COMPLETED]'),
    'search, rare, and date': filter(`search: "heron", createdAfter: "${early}"`),
    'search, none': filter('search: "zeppelin"'),
    'search, none, two letters': filter('search: "qx"'),
    'search, none, in Chinese': filter('search: "燈塔"'),
    'output kind, common': filter('outputKind: [IMAGE]'),
    'output kind, rare': filter('outputKind: [VIDEO]'),
    'output kind, rare, by completedAt': filter('outputKind: [VIDEO]', `first: 20, ${BY_COMPLETION}`),
    'output kind, none': filter('outputKind: [AUDIO]'),
    'status, common': filter('status: [COMPLETED]'),
    'status, none': filter('status: [FAILED]'),
    'status, unfinished, none': filter('status: [PENDING, PROCESSING]'),
    'model, none': filter('model: "another-model"'),
    'model, of all': filter('model: "bench-model"'),
    'workflow, none': filter('workflow: "image-to-image"'),
    'workflow, unknown': filter('workflow: "unknown"'),
    totalCount: '{ generations { totalCount } }',
    'totalCount, status': '{ generations(filter: { status: [FAILED] }) { totalCount } }',
    'totalCount, output kind': '{ generations(filter: { outputKind: [VIDEO] }) { totalCount } }',
    'totalCount, date': `{ generations(filter: { createdAfter: "${early}" }) { totalCount } }`,
    'totalCount, date and status': `{ generations(filter: { createdAfter: "${early}", status: [COMPLETED] }) { totalCount } }`,
    'totalCount, search, common': '{ generations(filter: { search: "lighthouse" }) { totalCount } }',
    'totalCount, search, rare': '{ generations(filter: { search: "heron" }) { totalCount } }',
  };
  const failed = new Set();
  /** A query that the server gives up counts with the time until then, and its row says so. */
  const timed = (what, query) => async () => {
    const start = performance.now();
    await ask(server.url, query, { token }).catch(() => failed.add(what));
    return performance.now() - start;
  };
  const sides = Object.fromEntries(
    Object.entries({ 'first page': page('first: 20'), ...queries }).map(([what, query]) => [what, timed(what, query)]),
  );
  // The first round fills the caches.
  await alternate(sides, 1);
  const measured = await alternate(sides, Math.min(rounds, 3));
  await server.close();
  return Object.keys(queries).map((what) =>
    compare(
      `${count.toLocaleString('en')} generations: ${what}, to the first page${failed.has(what) ? ' (gave up)' : ''}`,
      { ours: measured[what], limit: measured['first page'] },
      ms,
      true,
    ),
  );
}
