import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { ComfyUI, type Preview, type SocketMessage } from '../../../../src/comfyui/index.js';
import { freePort } from '../../../support/free-port.js';
import { until } from '../../../support/until.js';
import { startStub, status } from '../../server.js';
import { card, closing, connected, queued, start, stubbed } from '../../support.js';

const keep = closing();
const jpeg = Buffer.from('ffd8ffe000104a46', 'hex');

/** Collects the messages of a client. */
function collect(comfyui: ComfyUI) {
  const controller = new AbortController();
  const received: (SocketMessage | Preview)[] = [];
  const ended = (async () => {
    for await (const message of comfyui.messages(controller.signal)) received.push(message);
  })();
  return { received, ended, abort: (reason: unknown) => controller.abort(reason) };
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

test('the first message of a socket asks for previews with metadata', async () => {
  const { stub } = await stubbed(keep);
  await until(() => stub.sockets[0]?.received.length === 1, 'the first message');
  expect(stub.sockets[0]?.received.map((text) => JSON.parse(text))).toEqual([
    { type: 'feature_flags', data: { supports_preview_metadata: true } },
  ]);
});

test('a client opens no socket before connect', async () => {
  const stub = keep(await startStub());
  const comfyui = keep(new ComfyUI({ url: stub.url }));
  await comfyui.queue();
  expect(comfyui.connected).toBe(false);
  expect(stub.sockets).toEqual([]);
});

test('every connection has a new client id with the configured prefix', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { clientIdPrefix: 'install-' });
  const ids = [comfyui.clientId];
  expect(stub.sockets[0]?.clientId).toBe(comfyui.clientId);
  stub.sockets[0]?.socket.terminate();
  await until(() => comfyui.connected && comfyui.clientId !== ids[0], 'another connection is open');
  ids.push(comfyui.clientId);
  expect(stub.sockets.map(({ clientId }) => clientId)).toEqual([ids[1]]);
  expect(new Set(ids).size).toBe(2);
  expect(ids.every((id) => id.startsWith('install-'))).toBe(true);
});

test('the client reconnects to a server that comes back', async () => {
  const port = await freePort();
  const stub = await startStub({}, port);
  await stub.close();
  const comfyui = keep(new ComfyUI({ url: stub.url }));
  comfyui.connect();
  keep(await startStub({}, port));
  await until(() => comfyui.connected, 'the socket is open');
});

test('a socket that does not respond to pings is replaced', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { pingIntervalMs: 100 } });
  const first = comfyui.clientId;
  // As after a network failure: the socket stays open, and nothing arrives.
  stub.sockets[0]?.socket.pause();
  await until(() => comfyui.connected && comfyui.clientId !== first, 'another connection is open');
});

const STATUS_TIMEOUT_MS = 100;

test('a socket that does not report our own prompt is replaced, and one that does is kept', async () => {
  const { stub, comfyui } = await stubbed(keep, {}, { timings: { statusTimeoutMs: STATUS_TIMEOUT_MS } });
  const first = comfyui.clientId;
  const { received } = collect(comfyui);
  stub.responses['POST /prompt'] = async ({ json }) => {
    stub.say(status(1));
    await until(
      () => received.some((event) => JSON.stringify(event) === JSON.stringify(status(1))),
      'the status is received',
    );
    return { prompt_id: json.prompt_id, number: 1, node_errors: {} };
  };
  await comfyui.submit({ promptId: randomUUID(), graph: card() });
  // Timers expire in order: the check of the socket has run when this one expires.
  await setTimeout(2 * STATUS_TIMEOUT_MS);
  expect(comfyui.connected).toBe(true);
  expect(comfyui.clientId).toBe(first);
  stub.responses['POST /prompt'] = ({ json }) => ({ prompt_id: json.prompt_id, number: 1, node_errors: {} });
  await comfyui.submit({ promptId: randomUUID(), graph: card() });
  await until(() => comfyui.clientId !== first, 'the second prompt was judged');
});

test('garbage, unknown messages and text frames do not close the socket', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { received } = collect(comfyui);
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
  await until(() => received.length > 0, 'the message after the garbage is received');
  expect(received).toEqual([status(7)]);
  expect(comfyui.clientId).toBe(clientId);
});

test('a frame above 64 MiB closes only the connection', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const first = comfyui.clientId;
  stub.sockets[0]?.socket.send(Buffer.alloc(64 * 1024 * 1024 + 1));
  await until(() => comfyui.connected && comfyui.clientId !== first, 'another connection is open');
});

test('a frame of 60 MB is read', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { received } = collect(comfyui);
  stub.say(executing('a'));
  stub.sockets[0]?.socket.send(Buffer.concat([legacyPreview, Buffer.alloc(60_000_000)]));
  await until(() => received.length === 2, 'the frame is received');
  expect(received[1]).toMatchObject({ type: 'preview', promptId: 'a' });
});

test('a preview that names no prompt belongs to the prompt that was named last', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { received } = collect(comfyui);
  const [open] = stub.sockets;
  open?.socket.send(legacyPreview);
  stub.say(executing('ours'));
  stub.say(status(1));
  open?.socket.send(legacyPreview);
  stub.say(executing('theirs'));
  open?.socket.send(legacyPreview);
  await until(() => received.length === 5, 'all messages');
  expect(received.flatMap((event) => (event.type === 'preview' ? [event.promptId] : []))).toEqual(['ours', 'theirs']);
});

test('on a server that sends metadata, a preview that names no prompt is ignored', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const { received } = collect(comfyui);
  stub.say({ type: 'feature_flags', data: { supports_preview_metadata: true } });
  stub.say(executing('ours'));
  stub.sockets[0]?.socket.send(legacyPreview);
  stub.sockets[0]?.socket.send(namedPreview('ours'));
  await until(() => received.some(({ type }) => type === 'preview'), 'the named preview to be received');
  expect(received.filter(({ type }) => type === 'preview')).toEqual([
    { type: 'preview', promptId: 'ours', nodeId: '1', image: jpeg, contentType: 'image/jpeg' },
  ]);
});

test('messages end when the client is closed, and throw the reason of an abort', async () => {
  const { comfyui } = await stubbed(keep);
  const closed = collect(comfyui);
  const aborted = collect(comfyui);
  aborted.abort('enough');
  await expect(aborted.ended).rejects.toBe('enough');
  await comfyui.close();
  await closed.ended;
});

test('a slow reader of messages misses the oldest, not the newest', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const messages = comfyui.messages()[Symbol.asyncIterator]();
  const first = messages.next();
  stub.say(status(0));
  await first;
  const { received } = collect(comfyui);
  for (let count = 1; count <= 3_000; count++) stub.say(status(count));
  await until(
    () => received.some((event) => event.type === 'status' && event.data.status.exec_info.queue_remaining === 3_000),
    'all messages were sent',
  );
  expect((await messages.next()).value).toEqual(status(2_001));
});

test('a second close does nothing, also while the socket is opening', async () => {
  const stub = keep(await startStub());
  const comfyui = new ComfyUI({ url: stub.url });
  comfyui.connect();
  await Promise.all([comfyui.close(), comfyui.close()]);
  comfyui.connect();
  expect(comfyui.connected).toBe(false);
  await until(() => stub.sockets.length === 0, 'the server has no sockets');
});

test('messages of a prompt from before a reconnect arrive under its old client id until it ends', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const sentUnder = comfyui.clientId;
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  stub.responses['GET /queue'] = () => ({ queue_running: [queued(run.promptId, sentUnder)], queue_pending: [] });
  stub.sockets[0]?.socket.terminate();
  const held = () => stub.sockets.find(({ clientId }) => clientId === sentUnder);
  await until(() => held() && stub.sockets.length === 2 && comfyui.connected, 'both ids have a socket');
  expect(comfyui.clientId).not.toBe(sentUnder);
  held()?.socket.send(JSON.stringify(executing(run.promptId)));
  await until(() => run.types.includes('progress'), 'its progress');
  run.abort('enough');
  await until(() => !held(), 'the old id to be released');
  expect(comfyui.connected).toBe(true);
});

test('a client that adopts a prompt of another replica receives its messages', async () => {
  const promptId = randomUUID();
  const queue = () => ({ queue_running: [queued(promptId, 'install-of-another-replica')], queue_pending: [] });
  const { stub, comfyui } = await stubbed(keep, { 'GET /queue': queue }, { clientIdPrefix: 'install-' });
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(
    () => stub.sockets.some(({ clientId }) => clientId === 'install-of-another-replica'),
    'a socket with its client id',
  );
  run.abort();
});

test('the client id of another program is never used', async () => {
  const promptId = randomUUID();
  const queue = () => ({ queue_running: [queued(promptId, 'browser')], queue_pending: [] });
  const { stub, comfyui } = await stubbed(
    keep,
    { 'GET /queue': queue },
    { clientIdPrefix: 'install-', timings: { recheckIntervalMs: 20 } },
  );
  const other = await connected(keep, stub.url);
  const run = start(comfyui, card(), { promptId, fresh: false });
  await until(() => stub.count('GET /queue') > 5, 'several checks');
  expect(stub.sockets.map(({ clientId }) => clientId)).toEqual([comfyui.clientId, other.clientId]);
  run.abort();
});

test('close ends a run that holds an old client id, and its socket', async () => {
  const { stub, comfyui } = await stubbed(keep);
  const sentUnder = comfyui.clientId;
  const run = start(comfyui, card());
  await until(() => run.types.includes('submitted'), 'the prompt is submitted');
  stub.sockets[0]?.socket.terminate();
  await until(() => stub.sockets.some(({ clientId }) => clientId === sentUnder), 'a socket with its client id again');
  await comfyui.close();
  await expect(run.end).rejects.toThrow('The ComfyUI client is closed');
  await until(() => stub.sockets.length === 0, 'the server has no sockets');
});
