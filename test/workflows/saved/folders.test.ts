/** Savers that take a folder beside their prefix, such as those of data sets: both names are the server's. */
import type { SimulatedNode } from '../../../src/simulator/nodes/node.js';
import { becomes, create, executedGraph } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { CARD, save, trySave } from './support.js';

/** As in ComfyUI: it makes the folder, and no folder of the prefix. */
const saver: SimulatedNode = {
  input: {
    required: {
      images: ['IMAGE', {}],
      folder_name: ['STRING', { default: 'dataset' }],
      filename_prefix: ['STRING', { default: 'image' }],
    },
  },
  output: [],
  isOutput: true,
  run: ({ filename_prefix }) => {
    if (String(filename_prefix).includes('/')) throw new Error('No such file or directory');
    return {};
  },
};

let app: TestApp;
let admin: Client;
beforeAll(async () => {
  app = await startTestApp({ simulator: { nodes: { SaveImageDataSetToFolder: saver } } });
  admin = await signUp(app.url, ADMIN_EMAIL);
});
afterAll(() => app?.close());

const NONE = { prompt: null, width: null, height: null, steps: null };
const withSaver = (inputs: object) => ({
  ...CARD,
  '4': { class_type: 'SaveImageDataSetToFolder', inputs: { images: ['2', 0], ...inputs } },
});

test.each([
  ['of the author', { folder_name: '../../custom_nodes', filename_prefix: 'x' }],
  ['that are left out', {}],
])('a saver with names %s writes into a folder of the attempt', async (_, inputs) => {
  await save(admin, { name: 'dataset', graph: withSaver(inputs) });
  for (const input of [{ workflow: 'dataset' }, { graph: withSaver(inputs) }]) {
    const { id } = await create(admin, { ...NONE, ...input });
    await becomes(admin, id, 'COMPLETED');
    const graph = await executedGraph(app, id);
    expect(graph['4']?.inputs).toMatchObject({ folder_name: `comfygraph/${id}/1`, filename_prefix: 'image' });
    expect(graph['3']?.inputs.filename_prefix).toBe(`comfygraph/${id}/1`);
  }
});

test.each(['folder_name', 'filename_prefix'])('nobody binds the %s of a saver', async (input) => {
  const inputs = [{ name: 'where', nodeId: '4', input }];
  const { errors } = await trySave(admin, { name: 'bound', graph: withSaver({}), inputs });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'inputs', nodeId: '4' });
});
