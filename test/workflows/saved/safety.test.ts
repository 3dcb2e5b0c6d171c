/** What the graphs of users may reach: no class that is not allowed, and no file that is not their own. */
import { becomes, codeOf, create, dataOf, finishes, occupy, sql, tryCreate } from '../../generations/support.js';
import { ADMIN_EMAIL, startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { CARD, COLLAGE, save, trySave } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
let bob: Client & { id: string };
let admin: Client & { id: string };
let picture: string;
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' } });
  [alice, bob, admin] = [await signUp(app.url), await signUp(app.url), await signUp(app.url, ADMIN_EMAIL)];
  const { result } = await becomes(alice, (await create(alice)).id, 'COMPLETED');
  picture = String(result?.images[0]?.id);
});
afterAll(() => app?.close());
beforeEach(() => sql(app, `update users set role = 'ADMIN' where email = $1`, [ADMIN_EMAIL]));

const NONE = { prompt: null, width: null, height: null, steps: null };
const BOTH = ['a', 'b'].map((name) => ({ name, nodeId: name, input: 'image' }));
/** A picture by a constant, or by whatever `image` is. */
const loading = (image: unknown, more: object = {}, class_type = 'LoadImage') => ({
  load: { class_type, inputs: { image } },
  save: { class_type: 'SaveImage', inputs: { images: ['load', 0], filename_prefix: '' } },
  ...more,
});
const withClass = (class_type: string) => ({ ...CARD, other: { class_type, inputs: { images: ['1', 0] } } });
const faultOf = async (answer: ReturnType<typeof trySave>) => {
  const { code, field, nodeId } = (await answer).errors?.[0]?.extensions ?? {};
  return { code, field, nodeId };
};
const REFUSED = { code: 'BAD_USER_INPUT', field: 'graph', nodeId: 'load' };

describe('a user', () => {
  test.each<[claim: string, graph: object]>([
    ['a constant', loading('example.png')],
    ['a constant of the output folder', loading('comfygraph/x_00001_.png [output]')],
    ['a path', loading('../../secret.png')],
    ['a link to a text', loading(['text', 0], { text: { class_type: 'PrimitiveString', inputs: { value: 'x.png' } } })],
    ['nothing', loading('')],
    ['a wrapped constant', loading({ __value__: 'example.png' })],
    ['a mask by a constant', loading('example.png', {}, 'LoadImageMask')],
  ])('cannot name a file by %s, neither saved nor as a graph', async (_, graph) => {
    expect(await faultOf(trySave(alice, { graph }))).toEqual(REFUSED);
    const answer = tryCreate(alice, { ...NONE, graph });
    expect((await answer).errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
  });

  test('cannot leave a file to the graph by an input that is not required', async () => {
    const inputs = BOTH.map((input) => ({ ...input, required: false }));
    expect(await codeOf(trySave(alice, { graph: COLLAGE, inputs }))).toBe('BAD_USER_INPUT');
  });

  test('gets a file that each generation names, and not the one of the document', async () => {
    const { graph, inputs } = await save(alice, { name: 'collage', graph: COLLAGE, inputs: BOTH });
    expect(graph?.a?.inputs.image).toBe('');
    expect(inputs).toMatchObject([
      { name: 'a', type: 'IMAGE', required: true, default: null },
      { name: 'b', type: 'IMAGE', required: true, default: null },
    ]);
    expect(await codeOf(tryCreate(alice, { ...NONE, workflow: 'collage', parameters: { a: picture } }))).toBe(
      'BAD_USER_INPUT',
    );
    expect(
      await codeOf(tryCreate(alice, { ...NONE, workflow: 'collage', parameters: { a: picture, b: 'example.png' } })),
    ).toBe('NOT_FOUND');
  });

  test('cannot use the picture of another user', async () => {
    await save(bob, { name: 'collage', graph: COLLAGE, inputs: BOTH });
    const parameters = { a: picture, b: picture };
    expect(await codeOf(tryCreate(bob, { ...NONE, workflow: 'collage', parameters }))).toBe('FORBIDDEN');
    const own = { 'a.image': picture, 'b.image': picture };
    expect(await codeOf(tryCreate(bob, { ...NONE, graph: COLLAGE, parameters: own }))).toBe('FORBIDDEN');
    expect(await sql(app, 'select from generations where user_id = $1', [bob.id])).toEqual([]);
  });

  test('cannot use a class that is not allowed, which an admin can', async () => {
    for (const classType of [
      'SaveImageWebsocket',
      'CheckpointSave',
      'LoadImageOutput',
      'ExecutePython',
      'Core',
      'core',
    ]) {
      const expected = { code: 'BAD_USER_INPUT', field: 'graph', nodeId: 'other' };
      expect(await faultOf(trySave(alice, { graph: withClass(classType) }))).toEqual(expected);
    }
    await save(admin, { name: 'any-class', graph: withClass('SaveImageWebsocket') });
  });

  test('can use the classes of ALLOWED_NODES, also in patterns', async () => {
    const other = await app.startAnother({ ALLOWED_NODES: 'core, Save*Websocket' });
    try {
      const there = await signUp(other.url);
      await save(there, { graph: withClass('SaveImageWebsocket') });
      for (const classType of ['SaveImageWebsocketX', 'XSaveImageWebsocket', 'SaveWebsocke'])
        expect(await codeOf(trySave(there, { graph: withClass(classType) }))).toBe('BAD_USER_INPUT');
    } finally {
      await other.close();
    }
  });

  test('cannot run an older workflow whose class is no longer allowed', async () => {
    await save(alice, { name: 'older' });
    const other = await app.startAnother({ ALLOWED_NODES: 'EmptyImage,SaveImage' });
    try {
      const there = { ...alice, ask: (await import('../../support/client.js')).clientOf(other.url, alice.token).ask };
      const { errors } = await tryCreate(there, { ...NONE, workflow: 'older' });
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', field: 'workflow', nodeId: '2' });
    } finally {
      await other.close();
    }
  });
});

describe('an admin', () => {
  test('can name a file of the input folder, and neither one of another folder nor a link', async () => {
    await save(admin, { name: 'constant', graph: loading('example.png') });
    const text = { text: { class_type: 'PrimitiveString', inputs: { value: 'x.png' } } };
    const elsewhere = [
      'x.png [output]',
      'x.png [temp] ',
      { __value__: 'x.png [output]' },
      '../output/x.png',
      'a\\..\\..\\b',
      '/x',
    ];
    for (const graph of [...elsewhere.map((name) => loading(name)), loading(['text', 0], text)])
      expect(await faultOf(trySave(admin, { graph }))).toEqual(REFUSED);
  });

  test('who is demoted lends no trust: neither to a new generation nor to one that waits', async () => {
    await save(admin, { name: 'trusted', graph: loading('example.png'), isShared: true });
    app.simulator.hold();
    const held = await occupy(app, bob);
    const { id } = await create(bob, { ...NONE, workflow: 'trusted' });
    await sql(app, `update users set role = 'USER' where email = $1`, [ADMIN_EMAIL]);
    expect(await codeOf(tryCreate(bob, { ...NONE, workflow: 'trusted' }))).toBe('BAD_USER_INPUT');
    app.simulator.release();
    for (const each of held) await becomes(bob, each.id, 'COMPLETED');
    const { status, failure } = await finishes(bob, id);
    expect([status, failure?.code, failure?.message]).toEqual([
      'FAILED',
      'INVALID_WORKFLOW',
      expect.stringContaining('Node load'),
    ]);
  });
});

test('the prefix of file names is the server’s, also where the graph links it or leaves it out', async () => {
  const graph = {
    ...CARD,
    '3': { class_type: 'SaveImage', inputs: { images: ['2', 0] } },
    text: { class_type: 'PrimitiveString', inputs: { value: '../../x' } },
    '4': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: ['text', 0] } },
  };
  await save(alice, { name: 'prefixes', graph });
  const { id } = await create(alice, { ...NONE, workflow: 'prefixes' });
  await becomes(alice, id, 'COMPLETED');
  const [row] = await sql<{ graph: string }>(app, 'select graph from prompts where generation_id = $1', [id]);
  const built = JSON.parse(String(row?.graph));
  expect(['3', '4'].map((each) => built[each].inputs.filename_prefix)).toEqual(Array(2).fill(`comfygraph/${id}/1`));
  const { workflows } = await dataOf(alice.ask('{ workflows { name graph } }'));
  expect(workflows.find(({ name }: { name: string }) => name === 'prefixes').graph['4'].inputs.filename_prefix).toBe(
    '',
  );
});
