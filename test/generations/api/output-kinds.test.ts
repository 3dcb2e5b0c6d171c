/** Lists of generations by the kinds of their output, as jobs record them. */
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { run, saveAudio, saveImages, saveLatent, saveText, saveVideo, saveWebp, showText } from '../outputs/support.js';
import { codeOf } from '../support.js';
import { idsOf, list as listOf } from './listed.js';

let app: TestApp;
let alice: Client;
/** By what each saves. */
const ids: Record<string, string> = {};
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' }, simulator: { version: '0.33.0', stepMs: 0 } });
  alice = await signUp(app.url);
  const video = saveVideo('mp4');
  const graphs = {
    images: saveImages(),
    animation: saveWebp(),
    video,
    videoAndText: { ...video, text: showText('x').text, show: showText('x').save },
    sound: saveAudio('SaveAudio'),
    latent: saveLatent(),
    textFile: saveText('txt'),
    text: showText('y'),
  };
  for (const [name, graph] of Object.entries(graphs)) ids[name] = (await run(alice, { graph })).id;
});
afterAll(() => app?.close());

const list = (outputKind: string[] | null, variables: object = {}) =>
  listOf(alice, { first: 100, filter: { outputKind }, ...variables });
const named = (...names: string[]) => names.map((name) => ids[name]);

test.each([
  ['IMAGE', ['animation', 'images']],
  ['VIDEO', ['videoAndText', 'video']],
  ['AUDIO', ['sound']],
  ['LATENT', ['latent']],
  ['TEXT', ['text', 'textFile', 'videoAndText']],
  ['MODEL_3D', []],
  ['FILE', []],
])('generations with the kind %s are listed and counted', async (kind, names) => {
  const page = await list([kind]);
  expect(idsOf(page)).toEqual(named(...names));
  expect(page.totalCount).toBe(names.length);
});

test('several kinds mean any of them, in pages of both directions', async () => {
  const all = named('text', 'textFile', 'sound', 'videoAndText', 'video');
  const kinds = ['VIDEO', 'AUDIO', 'TEXT'];
  const page = await list(kinds, { first: 2 });
  expect([idsOf(page), page.totalCount]).toEqual([all.slice(0, 2), 5]);
  const next = await list(kinds, { first: 2, after: page.pageInfo.endCursor });
  expect(idsOf(next)).toEqual(all.slice(2, 4));
  const back = await list(kinds, { first: undefined, last: 1, before: next.pageInfo.startCursor });
  expect(idsOf(back)).toEqual(all.slice(1, 2));
  const byEnd = await list(kinds, { orderBy: { field: 'COMPLETED_AT', direction: 'ASC' } });
  expect(idsOf(byEnd)).toEqual(all.toReversed());
});

test('null is no filter, no kind is nothing, and an unknown kind is refused', async () => {
  expect((await list(null)).totalCount).toBe(8);
  expect((await list([])).totalCount).toBe(0);
  expect(await codeOf(alice.ask('{ generations(filter: { outputKind: [SMELL] }) { totalCount } }'))).toBe(
    'GRAPHQL_VALIDATION_FAILED',
  );
});
