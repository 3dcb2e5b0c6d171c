/** What a public link leaves out, and says so; and that its copies are made when they are requested. */
import { readdir } from 'node:fs/promises';
import sharp from 'sharp';
import { becomes, create, dataOf } from '../generations/support.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { type Client, clientOf, signUp } from '../support/client.js';
import { EVERYTHING, everything, get, OPTIONS, open, share } from './support.js';

let app: TestApp;
let alice: Client;
beforeAll(async () => {
  app = await startTestApp(OPTIONS);
  alice = await signUp(app.url);
});
afterAll(() => app?.close());

const copies = async (): Promise<string[]> =>
  (await readdir(`${app.env.DATA_DIR}/pictures`, { recursive: true })).filter((name) => name.includes('zbare.'));
const textOf = async (url: string): Promise<string> => await (await get(app, url)).text();

test('opening a link makes no copy: each is made when it is requested', async () => {
  const { url, token } = await share(alice, await everything(alice));
  const OPEN = 'query ($token: String!) { sharedGeneration(token: $token) { images { url } files { url } } }';
  const { images, files } = (await dataOf(clientOf(app.url).ask(OPEN, { token }))).sharedGeneration;
  await textOf(url);
  expect(await copies()).toEqual([]);
  await get(app, files[0].url);
  expect(await copies()).toHaveLength(1);
  await get(app, images[0].url);
  expect(await copies()).toHaveLength(2);
});

test('a file of a type whose metadata cannot be removed is named with the reason, for its owner and for everyone', async () => {
  const tiff = await sharp({ create: { width: 9, height: 9, channels: 3, background: '#123' } })
    .tiff()
    .toBuffer();
  app.simulator.at('output', { do: 'write', body: tiff });
  const form = { prompt: null, width: null, height: null, steps: null };
  const { id } = await becomes(alice, (await create(alice, { ...form, graph: EVERYTHING })).id, 'COMPLETED');
  const { url, token } = await share(alice, id);
  const shared = await open(clientOf(app.url), token);
  const reason = expect.stringMatching(
    /^shared-[0-9a-f]{6}\.tiff is not part of this link: the metadata of \.tiff files cannot be removed, and may tell how it was made$/,
  );
  expect(shared.problems).toEqual([reason]);
  expect(shared.files.map(({ contentType }) => contentType)).not.toContain('image/tiff');
  const { generation } = await dataOf(
    alice.ask('query ($id: ID!) { generation(id: $id) { share { problems } result { files { id contentType } } } }', {
      id,
    }),
  );
  expect(generation.share.problems).toEqual(shared.problems);
  expect(await textOf(url)).toContain(`<p>${shared.problems[0]}.</p>`);
  const hidden = generation.result.files.find((file: { contentType: string }) => file.contentType === 'image/tiff');
  expect((await get(app, `${url}/files/${hidden.id}.tiff`)).status).toBe(404);
});
