import fc from 'fast-check';
import { filesOf, parseFrame, parseMessage } from '../../../src/comfyui/index.js';

test.each([
  ['no JSON', 'status'],
  ['cut JSON', '{"type": "status", "data": {"sta'],
  ['HTML', '<html><body>502 Bad Gateway</body></html>'],
  ['a bare value', '7'],
  ['null', 'null'],
  ['a list', '[]'],
  ['no data', '{"type": "status"}'],
  ['an unknown type', '{"type": "logs", "data": {"entries": []}}'],
  ['a type that objects inherit', '{"type": "constructor", "data": {"prompt_id": "a"}}'],
  ['a status without a number', '{"type": "status", "data": {"status": {}}}'],
  ['progress without a node', '{"type": "progress", "data": {"prompt_id": "a", "value": 1, "max": 2}}'],
  ['a start without a prompt', '{"type": "execution_start", "data": {"timestamp": 1}}'],
])('%s is not a message', (_, text) => {
  expect(parseMessage(text)).toBeUndefined();
});

test('no text makes parsing throw', () => {
  fc.assert(fc.property(fc.anything(), (value) => void parseMessage(value)));
  fc.assert(fc.property(fc.string(), (text) => void parseMessage(text)));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseFrame(bytes)));
});

test('floats that JSON does not have are null, and the same words in strings stay', () => {
  const text =
    '{"type": "executed", "data": {"prompt_id": "a", "node": "1", "output": {"x": [NaN, -Infinity, "NaN \\" NaN"]}}}';
  expect(parseMessage(text)).toMatchObject({ data: { output: { x: [null, null, 'NaN " NaN'] } } });
});

test('keys that newer versions of ComfyUI add are ignored', () => {
  const message = {
    type: 'executing',
    data: { node: '1', display_node: '1', prompt_id: 'a', activity: 'thinking' },
    more: 1,
  };
  expect(parseMessage(message)).toEqual({ type: 'executing', data: { node: '1', display_node: '1', prompt_id: 'a' } });
});

test.each(['assets.seed.started', 'assets.seed.progress', 'assets.seed.paused', 'assets.seed.completed'])(
  'messages about ComfyUI’s own assets are skipped: %s',
  (type) => {
    expect(parseMessage({ type, data: { roots: ['models'], phase: 'fast', total: 3 } })).toBeUndefined();
  },
);

test('an asset is parsed as a file, without its id', () => {
  const file = { filename: 'a.png', subfolder: 's', type: 'output' };
  const output = { images: [{ ...file, id: '0199c7d2-0000-7000-8000-000000000000' }], animated: [false] };
  const message = parseMessage({ type: 'executed', data: { prompt_id: 'a', node: '1', output } });
  expect(message?.type === 'executed' && message.data.output && filesOf(message.data.output)).toEqual([file]);
});

test('lists in the output of a node are kept under their keys', () => {
  const output = { images: [{ filename: 'a.png' }], text: ['b'], odd: 'not a list' };
  const message = parseMessage({ type: 'executed', data: { prompt_id: 'a', node: '1', output } });
  expect(message).toMatchObject({
    data: { display_node: '1', output: { images: [{ filename: 'a.png' }], text: ['b'] } },
  });
  expect(message).not.toHaveProperty('data.output.odd');
});

const header = (...words: number[]) => {
  const bytes = Buffer.alloc(words.length * 4);
  words.forEach((word, index) => void bytes.writeUInt32BE(word, index * 4));
  return bytes;
};
const jpeg = Buffer.from('ffd8ffe000104a46', 'hex');
const png = Buffer.from('89504e470d0a1a0a', 'hex');

test('the type of a preview comes from its first bytes', () => {
  expect(parseFrame(Buffer.concat([header(1, 1), jpeg]))).toEqual({ image: jpeg, contentType: 'image/jpeg' });
  expect(parseFrame(Buffer.concat([header(1, 2), png]))).toEqual({ image: png, contentType: 'image/png' });
});

test('a preview with metadata has the prompt and the displayed node that it names', () => {
  const json = Buffer.from(
    JSON.stringify({ prompt_id: 'a', node_id: '5.0.0.1', display_node_id: '5', image_type: 'image/png' }),
  );
  const frame = Buffer.concat([header(4, json.length), json, png]);
  expect(parseFrame(frame)).toEqual({ image: png, contentType: 'image/png', promptId: 'a', nodeId: '5' });
});

test.each([
  ['an empty frame', Buffer.alloc(0)],
  ['a header alone', header(1)],
  ['a preview without an image', header(1, 1)],
  ['a preview that is no image', Buffer.concat([header(1, 1), Buffer.from('<svg/>')])],
  ['a text frame', Buffer.concat([header(3, 1), Buffer.from('3width: 32')])],
  ['metadata longer than the frame', Buffer.concat([header(4, 4_000_000_000), jpeg])],
  ['metadata that is no JSON', Buffer.concat([header(4, 2), Buffer.from('{]'), jpeg])],
  ['metadata without a prompt', Buffer.concat([header(4, 2), Buffer.from('{}'), jpeg])],
  ['an unknown event', Buffer.concat([header(99, 0), jpeg])],
])('%s is not a preview', (_, frame) => {
  expect(parseFrame(frame)).toBeUndefined();
});
