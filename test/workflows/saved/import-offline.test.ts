/** Imports while no ComfyUI is online. */
import { startSimulator } from '../../../src/simulator/index.js';
import { isSeen } from '../../backends/pool.js';
import { becomes, codeOf, create, dataOf, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { allOnline } from '../../support/backends.js';
import { type Client, signUp } from '../../support/client.js';
import { pair } from '../import/support.js';
import { type Draft, tryImport } from './drafts.js';
import { CARD } from './support.js';

const NONE = { prompt: null, width: null, height: null, steps: null };
const OFFLINE = 'No ComfyUI is online to describe the nodes: import it again later for proposed inputs';
let app: TestApp;
let client: Client;
const importThere = async (document: unknown): Promise<Draft> =>
  (await dataOf(tryImport({ document }, client))).importWorkflow;
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' }, timings: { backendCheckIntervalMs: 50 } });
  client = await signUp(app.url);
  await allOnline(client);
  await app.simulator.down();
  await isSeen(app, client, app.simulator, 'OFFLINE');
});
afterAll(() => app?.close());

test('a graph is imported whole and without inputs, checked against the last known catalogue, and runs later', async () => {
  const draft = await importThere({ prompt: CARD });
  expect(draft).toMatchObject({ format: 'API', inputs: [], missing: [], outputs: [{ nodeId: '3', kind: 'IMAGE' }] });
  expect(draft.graph).toEqual(CARD);
  expect(draft.problems.map(({ message }) => message)).toEqual([OFFLINE]);
  const wrong = await importThere({ ...CARD, '9': { class_type: 'Nowhere', inputs: {} } });
  expect(wrong.missing).toMatchObject([{ kind: 'NODE', name: 'Nowhere' }]);
  const { id } = await create(client, { ...NONE, graph: { prompt: CARD } });
  await app.simulator.up();
  await becomes(client, id, 'COMPLETED');
  await app.simulator.down();
  await isSeen(app, client, app.simulator, 'OFFLINE');
});

test('a workflow of ComfyUI’s page is COMFYUI_UNAVAILABLE', async () => {
  const { workflow } = pair('mute ksampler');
  expect(await codeOf(tryImport({ document: workflow }, client))).toBe('COMFYUI_UNAVAILABLE');
  expect(await codeOf(tryCreate(client, { ...NONE, graph: workflow }))).toBe('COMFYUI_UNAVAILABLE');
});

test('before any ComfyUI was online, a graph has a problem and nothing that is missing', async () => {
  const gone = await startSimulator({});
  await gone.close();
  const none = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users', COMFYUI_URL: gone.url } });
  try {
    const { importWorkflow } = await dataOf(tryImport({ document: CARD }, await signUp(none.url)));
    expect(importWorkflow).toMatchObject({ graph: CARD, inputs: [], missing: [], problems: [{ message: OFFLINE }] });
  } finally {
    await none.close();
  }
});
