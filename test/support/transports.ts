/** One request over each of the three transports: tests of errors run over all of them. */
import { type Answer, post } from './client.js';
import { answersOf, openStream } from './event-stream.js';
import { connect } from './socket.js';

/** A GraphQL request, or its JSON text where `JSON.stringify` cannot write it. */
export type Payload = string | { query: string; variables?: Record<string, unknown>; operationName?: string };
export type Send = (url: string, token: string | undefined, payload: Payload) => Promise<Answer>;

const overHttp: Send = async (url, token, payload) => (await (await post(url, payload, token)).json()) as Answer;

const overWebSocket: Send = async (url, token, payload) => {
  const socket = await connect(url, token);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  socket.send(`{"id":"1","type":"subscribe","payload":${text}}`);
  const message = await socket.next();
  await socket.close();
  return message.type === 'error' ? { errors: message.payload } : message.payload;
};

/** A request that is rejected before the stream opens gets a JSON response. */
const overEvents: Send = async (url, token, payload) => {
  const response = await openStream(url, payload, { token });
  if (!response.ok) return (await response.json()) as Answer;
  for await (const answer of answersOf(response)) return answer;
  throw new Error('The operation completed without a result');
};

export const TRANSPORTS: [name: string, send: Send][] = [
  ['HTTP', overHttp],
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
];

/** The transports that carry subscriptions. */
export const SUBSCRIPTION_TRANSPORTS = TRANSPORTS.slice(1);

/** The part of an error that programs rely on. */
export type ExpectedError = { code: string; field?: string; path?: (string | number)[]; suggestions?: string[] };

/** The only error of a response, reduced to the part that programs rely on. */
export function errorOf(answer: Answer): ExpectedError {
  expect(answer.errors).toHaveLength(1);
  const [error] = answer.errors ?? [];
  const { code, field, suggestions } = error?.extensions ?? {};
  return JSON.parse(JSON.stringify({ code, field, suggestions, path: error?.path }));
}
