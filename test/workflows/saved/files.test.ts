/** The files that callers give to saved workflows: each input takes files of its kind. */
import { filled, picture } from '../../assets/uploads/support.js';
import { create, tryCreate } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { type Client, signUp } from '../../support/client.js';
import { save } from './support.js';

let app: TestApp;
let alice: Client & { id: string };
const ids: Record<string, string> = {};
beforeAll(async () => {
  app = await startTestApp({ env: { WORKFLOW_AUTHORS: 'users' }, simulator: { version: '0.33.0' } });
  alice = await signUp(app.url);
  const files: [string, string, Buffer][] = [
    ['picture', 'image/png', await picture(64, 64)],
    ['video', 'video/mp4', Buffer.from('\0\0\0\x1cftypmp42', 'latin1')],
    ['sound', 'audio/flac', Buffer.from('fLaC', 'latin1')],
    ['text', 'application/json', Buffer.from('{}')],
  ];
  for (const [name, contentType, bytes] of files) ids[name] = (await filled(app, alice, bytes, { contentType })).id;
  await save(alice, {
    name: 'media',
    graph: {
      a: { class_type: 'LoadImage', inputs: { image: '' } },
      b: { class_type: 'SaveImage', inputs: { images: ['a', 0], filename_prefix: '' } },
      c: { class_type: 'LoadVideo', inputs: { file: '' } },
      d: { class_type: 'SaveVideo', inputs: { video: ['c', 0], filename_prefix: '', format: 'auto', codec: 'auto' } },
      e: { class_type: 'LoadAudio', inputs: { audio: '' } },
      f: { class_type: 'SaveAudio', inputs: { audio: ['e', 0], filename_prefix: '' } },
    },
    inputs: [
      { name: 'photo', nodeId: 'a', input: 'image' },
      { name: 'clip', nodeId: 'c', input: 'file' },
      { name: 'song', nodeId: 'e', input: 'audio' },
    ],
  });
});
afterAll(() => app?.close());

const NONE = { prompt: null, width: null, height: null, steps: null };
const RIGHT = { photo: 'picture', clip: 'video', song: 'sound' };
const given = (files: Record<string, string>) => ({
  ...NONE,
  workflow: 'media',
  parameters: Object.fromEntries(Object.entries({ ...RIGHT, ...files }).map(([name, file]) => [name, ids[file]])),
});

test.each([
  ['photo', 'video', 'an image'],
  ['photo', 'sound', 'an image'],
  ['photo', 'text', 'an image'],
  ['clip', 'picture', 'a video'],
  ['clip', 'sound', 'a video'],
  ['clip', 'text', 'a video'],
  ['song', 'picture', 'audio'],
  ['song', 'text', 'audio'],
])('the input %s refuses a %s, and names itself', async (field, file, expected) => {
  const { data, errors } = await tryCreate(alice, given({ [field]: file }));
  expect(data.createGeneration).toBeNull();
  expect(errors?.[0]).toMatchObject({ extensions: { code: 'BAD_USER_INPUT', field } });
  expect(errors?.[0]?.message).toContain(`${field} must be ${expected}`);
});

test('files of the right kinds are accepted, and an input for sound also takes a video', async () => {
  for (const files of [{}, { song: 'video' }])
    expect(await create(alice, given(files))).toMatchObject({ status: 'PENDING' });
});
