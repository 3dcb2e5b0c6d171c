/** The output of a first start. */
import { networkInterfaces } from 'node:os';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { Processes } from '../support/process.js';
import { until } from '../support/until.js';

const processes = new Processes();
let database: TestDatabase;
beforeAll(async () => {
  database = await createDatabase();
});
afterEach(() => processes.end());
afterAll(() => database?.drop());

const start = async (env: Record<string, string>) => {
  const server = await processes.spawnServer({ env: { DATABASE_URL: database.url, ...env } });
  await until(() => server.logs.includes('ready: open'), 'it is ready');
  return server;
};

test('the pretty log shows each address on its own line, and misspelled variables', async () => {
  const server = await start({ HOST: '0.0.0.0', LOG_FORMAT: 'pretty', COMFY_URL: 'http://secret@10.0.0.5:8188' });
  const addresses = await until(() => {
    const lines = server.logs.split('\n').filter((line) => /^ {4}http:\S+:\d+\/$/.test(line));
    return lines.length > 0 && lines.map((line) => line.trim());
  }, 'the addresses');
  expect(addresses[0]).toMatch(/^http:\/\/127\.0\.0\.1:\d+/);
  expect(server.logs).not.toContain('http://0.0.0.0');
  for (const address of addresses) expect((await fetch(new URL('/healthz', address))).status).toBe(200);
  const lan = networkInterfaces().eth0?.find(({ family }) => family === 'IPv4')?.address;
  if (lan) expect(addresses.some((address) => address.includes(lan))).toBe(true);
  expect(server.logs).toMatch(
    /^\d\d:\d\d:\d\d WARN {2}COMFY_URL is not a variable of ComfyGraph: did you mean COMFYUI_URL\?/m,
  );
  expect(server.logs).not.toContain('10.0.0.5');
});

test('every line is JSON if the output is not a terminal', async () => {
  const server = await start({ COMFY_URL: 'x' });
  const lines = server.logs
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.find(({ variable }) => variable === 'COMFY_URL')).toMatchObject({ level: 40 });
  // ComfyUI may come online before or after it.
  const messages = lines.map(({ msg }) => msg);
  expect(messages).toContainEqual(expect.stringMatching(/^ready: open http:\/\/127\.0\.0\.1:\d+\/$/));
});
