/** The limits of concurrent operations on one socket. */
import { type Message, MessageType } from 'graphql-ws';
import { MAX_CONCURRENT_RESPONSES } from '../../../src/server/operation/document-limits.js';
import { SocketOperations } from '../../../src/server/websocket/socket-operations.js';

/** Executes nothing: each operation runs until the test ends it. */
function startOperations() {
  const ends = new Map<string, () => void>();
  const delivered: string[] = [];
  const refused: string[] = [];
  const operations = new SocketOperations({
    deliver: async (text) => void delivered.push(text),
    run: (_, text) => {
      delivered.push(text);
      return new Promise((end) => ends.set(text, end));
    },
    onEnd: () => {},
    onDuplicate: (id) => refused.push(`${id} is in use`),
    onLimit: (id, limit) => refused.push(`${id} is one of more than ${limit}`),
  });
  const settled = () => new Promise(setImmediate);
  return {
    operations,
    delivered,
    refused,
    settled,
    subscribe: (id: string, text = id) =>
      operations.handle({ id, type: MessageType.Subscribe, payload: { query: '' } } as Message, text),
    complete: (id: string) => operations.handle({ id, type: MessageType.Complete } as Message, `complete ${id}`),
    end: async (text: string) => {
      ends.get(text)?.();
      await settled();
    },
  };
}

const ids = Array.from({ length: MAX_CONCURRENT_RESPONSES + 2 }, (_, n) => String(n));
const [first = '', second = ''] = ids;
const [next = '', last = ''] = ids.slice(MAX_CONCURRENT_RESPONSES);

test('operations above the limit wait, in order', async () => {
  const { subscribe, settled, delivered, end } = startOperations();
  for (const id of ids) subscribe(id);
  await settled();
  expect(delivered).toEqual(ids.slice(0, MAX_CONCURRENT_RESPONSES));
  await end(first);
  expect(delivered).toEqual(ids.slice(0, -1));
  await end(second);
  expect(delivered).toEqual(ids);
});

test('a subscription does not keep its slot', async () => {
  const { operations, subscribe, settled, delivered, end } = startOperations();
  for (const id of ids) subscribe(id);
  await settled();
  operations.markSubscription(first);
  await settled();
  expect(delivered).toEqual(ids.slice(0, -1));
  // Its slot is released once.
  await end(first);
  expect(delivered).not.toContain(last);
});

test('an operation that is completed while it waits never starts', async () => {
  const { subscribe, complete, settled, delivered, end } = startOperations();
  for (const id of ids) subscribe(id);
  await settled();
  complete(next);
  await end(first);
  await end(second);
  expect(delivered).not.toContain(next);
  expect(delivered).toContain(last);
});

test('messages of at most one megabyte are kept, and an operation that ends frees its bytes', async () => {
  const { subscribe, complete, settled, refused, end } = startOperations();
  const texts = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(2 ** 18));
  for (const text of texts) subscribe(text.slice(0, 1), text);
  subscribe('e', 'e');
  await settled();
  expect(refused).toEqual([`e is one of more than ${2 ** 20}`]);
  await end(String(texts[0]));
  subscribe('e', 'e');
  complete('b');
  // Both messages under one id count while the first operation ends.
  subscribe('b', String(texts[1]));
  await settled();
  expect(refused).toHaveLength(2);
});
