/** The limit of concurrent HTTP requests of one address, and upgrade offers other than WebSocket. */
import { once } from 'node:events';
import { connect as connectTo, type Socket } from 'node:net';
import { startTestApp, type TestApp } from '../../support/app.js';
import { post, signUp } from '../../support/client.js';
import { until } from '../../support/until.js';

let app: TestApp;
let token: string | undefined;
const opened: Socket[] = [];
beforeAll(async () => {
  app = await startTestApp({ env: { MAX_REQUESTS_PER_ADDRESS: '3' } });
  token = (await signUp(app.url)).token;
});
afterEach(() => {
  for (const socket of opened.splice(0)) socket.destroy();
});
afterAll(() => app?.close());

const BODY = JSON.stringify({ query: '{ viewer { id } }' });
/** A request that takes a moment: the server reads the session from the database. */
const request = (...headers: string[]): string =>
  [
    'POST /graphql HTTP/1.1',
    'Host: comfygraph.example',
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${BODY.length}`,
    ...headers,
    '',
    BODY,
  ].join('\r\n');

/** Sends the text as it is. @returns the statuses of the responses, once there are `count` */
async function send(text: string, count: number): Promise<number[]> {
  const { hostname, port } = new URL(app.url);
  const socket = connectTo(Number(port), hostname);
  opened.push(socket);
  await once(socket, 'connect');
  let answer = '';
  socket.setEncoding('utf8').on('data', (data) => {
    answer += data;
  });
  socket.write(text);
  const statuses = () => [...answer.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status));
  await until(() => statuses().length >= count, 'the responses');
  return statuses();
}

const sendHalf = (): Promise<number[]> => send(request().slice(0, -5), 0);

test('an address has a limited number of requests at once; an aborted request frees its slot', async () => {
  await Promise.all([sendHalf(), sendHalf(), sendHalf()]);
  const refused = await until(async () => {
    const response = await post(app.url, BODY);
    return response.status !== 200 && response;
  }, 'the limit to be reached');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED', retryAfter: 1 } }] });
  opened.pop()?.destroy();
  await until(async () => (await post(app.url, BODY)).ok, 'a free slot');
});

test('pipelined requests above the limit are rejected', async () => {
  expect(await send(request().repeat(5), 5)).toEqual([200, 200, 200, 429, 429]);
  await until(async () => (await post(app.url, BODY)).ok, 'a free slot');
});

test('a client that offers HTTP/2 gets HTTP/1.1', async () => {
  const offer = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
  expect(await send(request(...offer), 1)).toEqual([200]);
});
