/** Credentials of a ComfyUI: every request carries them, and they are never logged or displayed. */
import { ComfyUI } from '../../../src/comfyui/index.js';
import { readConfig } from '../../../src/config.js';
import { type StubServer, startStub } from '../../comfyui/server.js';
import { create, dataOf, queueOf } from '../../generations/support.js';
import { startTestApp, type TestApp } from '../../support/app.js';
import { signUp } from '../../support/client.js';
import { Log } from '../../support/log.js';
import { until } from '../../support/until.js';
import { OFTEN } from '../pool.js';

const TOKEN = 'q-token+/=&7f3a';
const HEADER = 'Bearer h-secret-91bc';

let stub: StubServer;
let handshakes: { url: string; headers: Record<string, unknown> }[];
beforeEach(async () => {
  stub = await startStub();
});
afterEach(() => stub.close());

test('the query and the headers are sent with every request and on the socket, and a User-Agent', async () => {
  const url = `${stub.url}/?token=${encodeURIComponent(TOKEN)}&again=2`;
  const comfyui = new ComfyUI({ url, headers: { authorization: HEADER } });
  handshakes = [];
  stub.greet = (_socket, _clientId, request) =>
    void handshakes.push({ url: request.url ?? '', headers: request.headers });
  try {
    comfyui.connect();
    await comfyui.queue();
    await comfyui.submit({ promptId: '0b4aab1e-2580-4ac1-8bf8-bc18bb269540', graph: {} });
    await comfyui.view({ filename: 'a b.png', subfolder: 'x', type: 'output' }).catch(() => undefined);
    await until(() => handshakes.length > 0, 'the socket');
    expect(stub.calls.map(({ route }) => route)).toEqual(['GET /queue', 'POST /prompt', 'GET /view']);
    const asked = [...stub.calls, ...handshakes.map(({ url, headers }) => ({ url: new URL(url, stub.url), headers }))];
    for (const { url, headers } of asked) {
      expect(url.searchParams.get('token')).toBe(TOKEN);
      expect(url.searchParams.get('again')).toBe('2');
      expect(headers).toMatchObject({ authorization: HEADER, 'user-agent': 'ComfyGraph' });
    }
    expect(stub.calls[2]?.url.searchParams.get('filename')).toBe('a b.png');
    expect(new URL(String(handshakes[0]?.url), stub.url).searchParams.get('clientId')).not.toBeNull();
    expect(comfyui.url).toBe(stub.url);
  } finally {
    await comfyui.close();
  }
});

test('COMFYUI_HEADERS apply to all backends, or to a named one', () => {
  const COMFYUI_URL = 'a=http://10.0.0.5:8188,b=http://10.0.0.6:8188/?token=1';
  const COMFYUI_HEADERS = '{"X-Key": "1", "b": {"X-Key": "2", "CF-Access-Client-Id": "3"}}';
  expect(readConfig({ COMFYUI_URL, COMFYUI_HEADERS }).comfyuiUrl).toEqual([
    { name: 'a', url: 'http://10.0.0.5:8188', headers: { 'x-key': '1' } },
    { name: 'b', url: 'http://10.0.0.6:8188/?token=1', headers: { 'x-key': '2', 'cf-access-client-id': '3' } },
  ]);
});

test.each([
  'h-secret-91bc',
  '["h-secret-91bc"]',
  '{"X Key": "h-secret-91bc"}',
  '{"X-Key": "h-secret-91bc\\n"}',
  '{"X-Key": 5}',
  '{"Content-Length": "h-secret-91bc"}',
  '{"nobody": {"X-Key": "h-secret-91bc"}}',
])('COMFYUI_HEADERS=%s is rejected, and the message does not contain it', (COMFYUI_HEADERS) => {
  const read = () => readConfig({ COMFYUI_URL: 'a=http://10.0.0.5:8188', COMFYUI_HEADERS });
  expect(read).toThrow(/COMFYUI_HEADERS: /);
  expect(read).not.toThrow(/91bc/);
});

describe('a server whose ComfyUI requires a token', () => {
  let app: TestApp;
  afterEach(() => app.close());

  test('neither logs nor displays the token, whether ComfyUI works or not', async () => {
    const log = new Log();
    app = await startTestApp({ timings: OFTEN, log });
    const [plain] = app.simulators;
    const COMFYUI_URL = `works=${plain?.url}/?token=${TOKEN.slice(0, 8)},away=http://127.0.0.1:9/?token=${TOKEN.slice(0, 8)}`;
    const another = await app.startAnother({
      COMFYUI_URL,
      COMFYUI_HEADERS: JSON.stringify({ 'X-Key': HEADER }),
      LOG_LEVEL: 'trace',
    });
    try {
      const admin = await signUp(another.url, 'admin@example.com');
      await until(() => /"backend":"works"/.test(log.text) && /"backend":"away"/.test(log.text), 'both to be logged');
      await create(admin);
      await until(async () => (await queueOf(app.simulator)).running.length === 0, 'the prompt to end');
      const shown = await dataOf(admin.ask('{ backends { name state reason version device } }'));
      for (const text of [log.text, JSON.stringify(shown)]) {
        expect(text).not.toContain(TOKEN.slice(0, 8));
        expect(text).not.toContain('h-secret');
      }
    } finally {
      await another.close();
    }
  });
});
