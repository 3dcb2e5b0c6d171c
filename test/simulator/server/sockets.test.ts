import sharp from 'sharp';
import { WebSocket } from 'ws';
import { until } from '../../support/until.js';
import { card, closeAfterEach, listen, run, start, submit, textToImage, withPreviews } from '../support.js';

closeAfterEach();

const checkpoints = ['stable-diffusion-1.5.safetensors'];

const MORE_THAN_BUFFERED_BYTES = 64 * 1024 * 1024;

const previews = (frames: unknown[]) =>
  frames.filter((frame) => Buffer.isBuffer(frame)).map((frame) => (frame as Buffer).readUInt32BE(0));

test('feature flags count only in the first message, and only as a boolean', async () => {
  const simulator = await start({ checkpoints });
  const late = await listen(simulator, 'late');
  late.socket.send('{"type":"anything"}');
  late.socket.send(JSON.stringify({ type: 'feature_flags', data: withPreviews }));
  const text = await listen(simulator, 'text', { supports_preview_metadata: 'true' });
  const right = await listen(simulator, 'right', withPreviews);
  for (const [client_id, listener, event] of [
    ['late', late, 1],
    ['text', text, 1],
    ['right', right, 4],
  ] as const) {
    const promptId = await submit(simulator, textToImage({ steps: 2 }), { client_id });
    await listener.hearsEnd(promptId);
    expect(previews(listener.frames)).toEqual([event, event]);
  }
  expect(late.types()).not.toContain('feature_flags');
});

test('a preview is scaled up or down to previewSize and keeps its aspect ratio', async () => {
  const simulator = await start({ checkpoints, previewSize: 512 });
  const listener = await listen(simulator, 'me');
  const promptId = await submit(simulator, textToImage({ steps: 1, width: 96, height: 64 }), { client_id: 'me' });
  await listener.hearsEnd(promptId);
  const frame = listener.frames.find((each) => Buffer.isBuffer(each)) as Buffer;
  const { width, height, format } = await sharp(frame.subarray(8)).metadata();
  expect({ width, height, format }).toEqual({ width: 512, height: 341, format: 'jpeg' });
});

test("previews can be off, which is ComfyUI's default", async () => {
  const simulator = await start({ checkpoints, previews: false });
  const listener = await listen(simulator, 'me', withPreviews);
  const promptId = await submit(simulator, textToImage({ steps: 2 }), { client_id: 'me' });
  await listener.hearsEnd(promptId);
  expect(previews(listener.frames)).toEqual([]);
  expect(listener.of('progress')).toMatchObject([{ value: 1 }, { value: 2 }]);
});

test('a second socket replaces the first of its id, and gets no messages after the first has closed', async () => {
  const simulator = await start();
  const first = await listen(simulator, 'same');
  const second = await listen(simulator, 'same');
  const heard = await submit(simulator, card(), { client_id: 'same' });
  await second.hearsEnd(heard);
  expect(first.types()).toEqual(['status']);

  await first.close();
  await until(() => simulator.clientIds.length === 0, 'the id to be gone');
  const before = second.frames.length;
  await run(simulator, card(), { client_id: 'same' });
  const witness = await listen(simulator, 'other');
  await run(simulator, card(), { client_id: 'other' });
  await witness.hears('execution_success');
  expect(second.frames.length).toBe(before);
  expect(second.closed).toBe(false);
});

test('a message above 4 MiB closes the socket', async () => {
  const simulator = await start();
  const { socket } = await listen(simulator);
  const code = new Promise((resolve) => socket.once('close', resolve));
  socket.send('x'.repeat(4 * 1024 * 1024 + 1));
  expect(await code).toBe(1009);
});

test('garbage from a client is ignored and pings are answered', async () => {
  const simulator = await start();
  const listener = await listen(simulator, 'me');
  listener.socket.send('{"');
  listener.socket.send(Buffer.from([1, 2, 3]));
  const pong = new Promise((resolve) => listener.socket.once('pong', resolve));
  listener.socket.ping();
  await pong;
  const promptId = await submit(simulator, card(), { client_id: 'me' });
  await listener.hearsEnd(promptId);
});

test('upgrades from another origin and on another path are refused', async () => {
  const simulator = await start();
  const refused = (path: string, origin?: string) =>
    new Promise<string>((resolve) => {
      const socket = new WebSocket(simulator.url.replace('http', 'ws') + path, origin ? { origin } : {});
      socket.once('error', (error) => resolve(error.message));
    });
  expect(await refused('/ws', 'http://evil.example')).toContain('403');
  expect(await refused('/other')).toContain('404');
});

test('a socket that does not read blocks messages to all clients until it closes', async () => {
  const simulator = await start();
  const stalled = await listen(simulator, 'stalled');
  const other = await listen(simulator, 'other');
  stalled.socket.pause();
  // More than the kernel's socket buffers hold.
  simulator.say(Buffer.alloc(MORE_THAN_BUFFERED_BYTES), 'stalled');
  await run(simulator, card(), { client_id: 'other' });
  expect(other.types()).toEqual(['status']);
  stalled.socket.terminate();
  await other.hears('execution_success');
});
