/** The three doors, as the claims on refusals go through them: every one of those holds through all. */
import { type Answer, post } from './client.js';
import { answersOf, openStream } from './event-stream.js';
import { connect } from './socket.js';

/** A GraphQL request, or the JSON text of one where it holds what `JSON.stringify` cannot write. */
export type Payload = string | { query: string; variables?: Record<string, unknown>; operationName?: string };
export type Through = (url: string, token: string | undefined, payload: Payload) => Promise<Answer>;

const overHttp: Through = async (url, token, payload) => (await (await post(url, payload, token)).json()) as Answer;

const overWebSocket: Through = async (url, token, payload) => {
  const socket = await connect(url, token);
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  socket.send(`{"id":"1","type":"subscribe","payload":${text}}`);
  const message = await socket.next();
  await socket.close();
  return message.type === 'error' ? { errors: message.payload } : message.payload;
};

/** What is refused before there is a stream is an answer like any other. */
const overEvents: Through = async (url, token, payload) => {
  const response = await openStream(url, payload, { token });
  if (!response.ok) return (await response.json()) as Answer;
  for await (const answer of answersOf(response)) return answer;
  throw new Error('The operation completed without an answer');
};

export const DOORS: [name: string, through: Through][] = [
  ['HTTP', overHttp],
  ['WebSocket', overWebSocket],
  ['server-sent events', overEvents],
];

/** Those that subscriptions go through. */
export const WATCHING_DOORS = DOORS.slice(1);

/** What a program is told of a refusal. */
export type Refusal = { code: string; field?: string; path?: (string | number)[]; suggestions?: string[] };

/** The one error of an answer, as far as programs rely on it. */
export function refusalOf(answer: Answer): Refusal {
  expect(answer.errors).toHaveLength(1);
  const [error] = answer.errors ?? [];
  const { code, field, suggestions } = error?.extensions ?? {};
  return JSON.parse(JSON.stringify({ code, field, suggestions, path: error?.path }));
}
