import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ComfyUI, type Preview, type SocketMessage } from '../../src/comfyui/index.js';
import { until } from '../support/until.js';
import { startStub, status } from './server.js';
import { card, closing, connected, queued, start, stubbed } from './support.js';

const keep = closing();
const jpeg = Buffer.from('ffd8ffe000104a46', 'hex');

/** What a client hears, collected as it comes. */
function hear(comfyui: ComfyUI) {
  const controller = new AbortController();
  const heard: (SocketMessage | Preview)[] = [];
  const ended = (async () => {
    for await (const message of comfyui.messages(controller.signal)) heard.push(message);
  })();
  return { heard, ended, abort: (reason: unknown) => controller.abort(reason) };
}

const executing = (promptId: string, node: string | null = '1') => ({
  type: 'executing',
  data: { node, display_node: node, prompt_id: promptId },
});

const legacyPreview = Buffer.concat([Buffer.from('0000000100000001', 'hex'), jpeg]);

function namedPreview(promptId: string): Buffer {
  const json = Buffer.from(
    JSON.stringify({ prompt_id: promptId, node_id: '1', display_node_id: '1', image_type: 'image/jpeg' }),
  );
  const header = Buffer.alloc(8);
  header.writeUInt32BE(4, 0);
  header.writeUInt32BE(json.length, 4);
  return Buffer.concat([header, json, jpeg]);
}

test('the first thing a socket says is that it understands previews with metadata', async () => {
  const { stub } = await stubbed(keep);
  await until(() => stub.sockets[0]?.heard.length === 1, 'the socket spoke');
  expect(stub.sockets[0]?.heard.map((text) => JSON.parse(text))).toEqual([
    { type: 'feature_flags', data: { supports_preview_metadata: true } },
  ]);
});

test('a client that was not told to connect opens no socket', async () => {
  const stub = keep(await startStub());
  const comfyui = keep(new ComfyUI({ url: stub.url }));
  await comfyui.queue();
  expect(comfyui.connected).toBe(false);
  expect(stub.sockets).toEqual([]);
});

test('every connection has a fresh client id that begins as it was told', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { clientIdPrefix: 'install-' });
  const ids = [comfyui.clientId];
  expect(stub.sockets[0]?.clientId).toBe(comfyui.clientId);
  stub.sockets[0]?.socket.terminate();
  await until(() => comfyui.connected && stub.sockets[0]?.clientId !== ids[0], 'another connection is open');
  ids.push(comfyui.clientId);
  expect(stub.sockets.map(({ clientId }) => clientId)).toEqual([ids[1]]);
  expect(new Set(ids).size).toBe(2);
  expect(ids.every((id) => id.startsWith('install-'))).toBe(true);
});

test('a server that comes back is connected to', async () => {
  const stub = await startStub();
  const port = Number(new URL(stub.url).port);
  await stub.close();
  const comfyui = keep(new ComfyUI({ url: stub.url }));
  comfyui.connect();
  keep(await startStub({}, port));
  await until(() => comfyui.connected, 'the socket is open');
});

test('a socket that answers no pings is replaced', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { pingIntervalMs: 100 } });
  const first = comfyui.clientId;
  // As when the network between has gone: it stays open, and nothing comes.
  stub.sockets[0]?.socket.pause();
  await until(() => comfyui.connected && comfyui.clientId !== first, 'another connection is open');
});

const STATUS_TIMEOUT_MS = 100;

test('a socket that does not tell of our own prompt is replaced, and one that does is kept', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { statusTimeoutMs: STATUS_TIMEOUT_MS } });
  const first = comfyui.clientId;
  const { heard } = hear(comfyui);
  stub.answers['POST /prompt'] = async ({ json }) => {
    stub.say(status(1));
    await until(
      () => heard.some((event) => JSON.stringify(event) === JSON.stringify(status(1))),
      'the status is heard',
    );
    return { prompt_id: json.prompt_id, number: 1, node_errors: {} };
  };
  await comfyui.submit({ promptId: randomUUID(), graph: card() });
  // Timers run out in order: the prompt has been judged when this one has.
  await setTimeout(2 * STATUS_TIMEOUT_MS);
  expect(comfyui.connected).toBe(true);
  expect(comfyui.clientId).toBe(first);
  stub.answers['POST /prompt'] = ({ json }) => ({ prompt_id: json.prompt_id, number: 1, node_errors: {} });
  await comfyui.submit({ promptId: randomUUID(), graph: card() });
  await until(() => comfyui.clientId !== first, 'the second prompt was judged');
});

test('garbage, unknown messages and texts leave the socket as it is', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { heard } = hear(comfyui);
  const { clientId } = comfyui;
  for (const garbage of [
    '',
    '{',
    '[]',
    '{"type": "logs", "data": {}}',
    Buffer.alloc(0),
    Buffer.alloc(3),
    Buffer.alloc(99, 7),
  ]) {
    stub.sockets[0]?.socket.send(garbage);
  }
  stub.sockets[0]?.socket.send(Buffer.from('00000003000000013377696474683a2033', 'hex'));
  stub.say(status(7));
  await until(() => heard.length > 0, 'the message after the garbage is heard');
  expect(heard).toEqual([status(7)]);
  expect(comfyui.clientId).toBe(clientId);
});

test('a frame beyond 64 MiB costs the connection and nothing else', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const first = comfyui.clientId;
  stub.sockets[0]?.socket.send(Buffer.alloc(64 * 1024 * 1024 + 1));
  await until(() => comfyui.connected && comfyui.clientId !== first, 'another connection is open');
});

test('a frame of 60 MB is read', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { heard } = hear(comfyui);
  stub.say(executing('a'));
  stub.sockets[0]?.socket.send(Buffer.concat([legacyPreview, Buffer.alloc(60_000_000)]));
  await until(() => heard.length === 2, 'the frame is heard');
  expect(heard[1]).toMatchObject({ type: 'preview', promptId: 'a' });
});

test('a preview that names no prompt is the one that was named last', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { heard } = hear(comfyui);
  const [open] = stub.sockets;
  open?.socket.send(legacyPreview);
  stub.say(executing('ours'));
  stub.say(status(1));
  open?.socket.send(legacyPreview);
  stub.say(executing('theirs'));
  open?.socket.send(legacyPreview);
  await until(() => heard.length === 5, 'all is heard');
  expect(heard.flatMap((event) => (event.type === 'preview' ? [event.promptId] : []))).toEqual(['ours', 'theirs']);
});

test('where previews are named, one that names no prompt is a stranger’s', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { heard } = hear(comfyui);
  stub.say({ type: 'feature_flags', data: { supports_preview_metadata: true } });
  stub.say(executing('ours'));
  stub.sockets[0]?.socket.send(legacyPreview);
  stub.sockets[0]?.socket.send(namedPreview('ours'));
  await until(() => heard.some(({ type }) => type === 'preview'), 'the named preview is heard');
  expect(heard.filter(({ type }) => type === 'preview')).toEqual([
    { type: 'preview', promptId: 'ours', nodeId: '1', image: jpeg, contentType: 'image/jpeg' },
  ]);
});

test('reading messages ends when the client is closed, and throws what it is aborted with', async () => {
  const { comfyui } = await stubbed(keep);
  const closed = hear(comfyui);
  const aborted = hear(comfyui);
  aborted.abort('enough');
  await expect(aborted.ended).rejects.toBe('enough');
  await comfyui.close();
  await closed.ended;
});

test('a reader of messages that is slow misses the oldest, not the newest', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const messages = comfyui.messages()[Symbol.asyncIterator]();
  const first = messages.next();
  stub.say(status(0));
  await first;
  const { heard } = hear(comfyui);
  for (let count = 1; count <= 3_000; count++) stub.say(status(count));
  await until(
    () => heard.some((event) => event.type === 'status' && event.data.status.exec_info.queue_remaining === 3_000),
    'all was said',
  );
  expect((await messages.next()).value).toEqual(status(2_001));
});

test('closing twice is closing once, also while the socket still opens', async () => {
  const stub = keep(await startStub());
  const comfyui = new ComfyUI({ url: stub.url });
  comfyui.connect();
  await Promise.all([comfyui.close(), comfyui.close()]);
  comfyui.connect();
  expect(comfyui.connected).toBe(false);
  await until(() => stub.sockets.length === 0, 'the server has no sockets');
});

test('a prompt that was sent before the socket was lost is still heard, under its old id, until it ends', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const sentUnder = comfyui.clientId;
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'it is submitted');
  stub.answers['GET /queue'] = () => ({ queue_running: [queued(run.promptId, sentUnder)], queue_pending: [] });
  stub.sockets[0]?.socket.terminate();
  const held = () => stub.sockets.find(({ clientId }) => clientId === sentUnder);
  await until(() => held() && stub.sockets.length === 2 && comfyui.connected, 'both ids have a socket');
  expect(comfyui.clientId).not.toBe(sentUnder);
  held()?.socket.send(JSON.stringify(executing(run.promptId)));
  await until(() => run.types.includes('progress'), 'it is heard');
  run.abort('enough');
  await until(() => !held(), 'the old id is let go');
  expect(comfyui.connected).toBe(true);
});

test('a prompt that another replica of ours sent is heard by whoever adopts it', async () => {
  const promptId = randomUUID();
  const queue = () => ({ queue_running: [queued(promptId, 'install-of-another-replica')], queue_pending: [] });
  const { stub, comfyui } = await stubbed(keep, { 'GET /queue': queue }, { clientIdPrefix: 'install-' });
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(
    () => stub.sockets.some(({ clientId }) => clientId === 'install-of-another-replica'),
    'its id has a socket',
  );
  run.abort();
});

test('the id of a stranger is never taken', async () => {
  const promptId = randomUUID();
  const queue = () => ({ queue_running: [queued(promptId, 'browser')], queue_pending: [] });
  const { stub, comfyui } = await stubbed(
    keep,
    { 'GET /queue': queue },
    { clientIdPrefix: 'install-', timings: { recheckIntervalMs: 20 } },
  );
  const other = await connected(keep, stub.url);
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('GET /queue') > 5, 'it was looked at often');
  expect(stub.sockets.map(({ clientId }) => clientId)).toEqual([comfyui.clientId, other.clientId]);
  run.abort();
});

test('closing ends a run whose old id has a socket of its own, and the socket', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const sentUnder = comfyui.clientId;
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'it is submitted');
  stub.sockets[0]?.socket.terminate();
  await until(() => stub.sockets.some(({ clientId }) => clientId === sentUnder), 'its id has a socket again');
  await comfyui.close();
  await expect(run.end).rejects.toThrow('This client has been closed');
  await until(() => stub.sockets.length === 0, 'the server has no sockets');
});
