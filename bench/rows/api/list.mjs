/** The first page of `generations`: 20 with model, result and one image. */
import { ask, signUp } from '../../support/api.mjs';
import { addResults, fillGallery, PAGE, PAGE_BODY } from '../../support/gallery.mjs';
import { startPlainWay } from '../../support/process/plain-way.mjs';
import { startProcess } from '../../support/process/process.mjs';
import { POOL_SIZE, startServer } from '../../support/process/server.mjs';
import { ms, perSecond } from '../../support/table/format.mjs';
import { compare } from '../../support/table/row.mjs';
import { alternate } from '../../support/table/statistics.mjs';

const CONNECTIONS = 32;
const GENERATIONS = 1_000;

export async function measure({ rounds, seconds }) {
  const server = await startServer();
  const { id, token } = await signUp(server.url, 'gallery@example.com');
  await fillGallery(server.database, id, GENERATIONS);
  await addResults(server.database, id);
  const { generations } = await ask(server.url, PAGE, { token });
  const env = {
    DATABASE_URL: server.database.url,
    USER_ID: id,
    POOL_SIZE,
    URL_LENGTH: String(generations.nodes[0].result.images[0].url.length),
    CURSOR_LENGTH: String(generations.pageInfo.endCursor.length),
  };
  const limit = await startProcess('bench/limits/list.mjs', { env });
  const plain = await startPlainWay(env);
  const load = await startProcess('bench/support/load/http.mjs');
  const run = (url, path, connections) =>
    load.call('run', { url, path, connections, seconds, requests: [{ token, body: PAGE_BODY }] });

  const paths = { ours: [server.url, '/graphql'], limit: [limit.url, '/'], plain: [plain.url, '/'] };
  const sides = (connections, read) =>
    Object.fromEntries(
      Object.entries(paths).map(([side, [url, path]]) => [side, async () => read(await run(url, path, connections))]),
    );
  const bytes = {};
  for (const [side, [url, path]] of Object.entries(paths))
    bytes[side] = (await run(url, path, CONNECTIONS)).sample.length;
  if (bytes.ours !== bytes.limit) throw new Error(`the responses differ in size: ${JSON.stringify(bytes)}`);

  const rates = await alternate(
    sides(CONNECTIONS, ({ rate }) => rate),
    rounds,
  );
  const alone = await alternate(
    sides(1, ({ p50 }) => p50),
    rounds,
  );
  for (const process of [load, plain, limit, server]) await process.close();
  const page = `first page of 20, ${(bytes.ours / 1_000).toFixed(1)} kB`;
  return [
    compare(`${page}, ${CONNECTIONS} connections`, rates, perSecond),
    compare(`${page}, alone (p50)`, alone, ms, true),
  ];
}
