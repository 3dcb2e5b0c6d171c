/** Reads server-sent events one by one from the wire, including those that a client library hides. */
import type { Answer } from './client.js';

/** A comment has no `event`; its text is in `data`. */
export type ServerSentEvent = { event?: 'next' | 'complete'; data: string };

export type StreamOptions = { token?: string | undefined; headers?: Record<string, string>; signal?: AbortSignal };

/** A GraphQL request, or the JSON text of one. */
export const openStream = (url: string, payload: string | object, { token, headers, signal }: StreamOptions = {}) =>
  fetch(`${url}/graphql/stream`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof payload === 'string' ? payload : JSON.stringify(payload),
    ...(signal ? { signal } : {}),
  });

/** Yields events until the stream ends. Closing the iterator closes the connection. */
export async function* eventsOf(response: Response): AsyncGenerator<ServerSentEvent> {
  let text = '';
  for await (const chunk of (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield parse(block);
  }
}

function parse(block: string): ServerSentEvent {
  if (block.startsWith(':')) return { data: block.slice(1).trim() };
  const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2)));
  return { event: fields.event, data: fields.data };
}

/** Yields the results of an operation; throws if the stream ends before it is complete. */
export async function* answersOf(response: Response): AsyncGenerator<Answer> {
  for await (const { event, data } of eventsOf(response)) {
    if (event === 'complete') return;
    if (event === 'next') yield JSON.parse(data);
  }
  throw new Error('The stream ended before it was complete');
}
