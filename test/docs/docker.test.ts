/** Compares the container files with the code, as far as that is possible without a Docker engine. */
import { parse } from 'yaml';
import { readConfig } from '../../src/config.js';
import { readText } from './markdown.js';
import { serverVariables, simulatorVariables } from './variables.js';

type Service = {
  environment?: Record<string, string | null>;
  command?: string[];
  networks?: string[];
  volumes?: string[];
  depends_on?: Record<string, { condition: string }>;
};
type Compose = {
  services: Record<string, Service>;
  networks: Record<string, unknown>;
  volumes: Record<string, unknown>;
};

const READ_BY_AWS_SDK = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** Replaces `${NAME:-default}` by the default, as Compose does for unset variables. */
const withDefaults = (text: string): string => text.replace(/\$\{\w+:-([^}]*)\}/g, '$1');

let text: string;
let compose: Compose;
let dockerfile: string;
beforeAll(async () => {
  text = await readText('docker-compose.yml');
  compose = parse(withDefaults(text)) as Compose;
  dockerfile = await readText('Dockerfile');
});

const environmentOf = (service: string): Record<string, string | null> => compose.services[service]?.environment ?? {};

test('Compose sets only variables that the server and the simulator read', async () => {
  const readByServer = [...(await serverVariables()), ...READ_BY_AWS_SDK];
  const readBySimulator = await simulatorVariables();
  expect(Object.keys(environmentOf('server')).filter((name) => !readByServer.includes(name))).toEqual([]);
  expect(Object.keys(environmentOf('simulator')).filter((name) => !readBySimulator.includes(name))).toEqual([]);
});

test('the default settings of the server are valid, and point to the services beside it', () => {
  const given = Object.entries(environmentOf('server')).filter(([, value]) => value !== null);
  const config = readConfig(Object.fromEntries(given) as Record<string, string>);
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environmentOf('postgres');
  expect(config.databaseUrl).toBe(`postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`);
  expect(config.comfyuiUrl).toEqual([{ name: 'comfyui-1', url: 'http://simulator:8188' }]);
});

test('docs/operating.md names every variable that Compose reads', async () => {
  const operating = await readText('docs/operating.md');
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => String(name));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !operating.includes(name))).toEqual([]);
});

test('the compose file declares every network, volume and service that it uses', () => {
  for (const { networks = [], volumes = [], depends_on = {} } of Object.values(compose.services)) {
    expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks));
    const named = volumes.map((volume) => volume.split(':')[0]).filter((source) => !source?.startsWith('.'));
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
  }
});

test('only the server shares a network with the database', () => {
  const members = Object.entries(compose.services).filter(([, { networks }]) => networks?.includes('database'));
  expect(members.map(([name]) => name).sort()).toEqual(['postgres', 'server']);
  expect(compose.networks.database).toEqual({ internal: true });
});

test('the image sets only NODE_ENV and variables that the server reads', async () => {
  const known = [...(await serverVariables()), 'NODE_ENV'];
  const set = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs]) =>
    String(pairs)
      .split(' ')
      .map((pair) => pair.split('=')[0]),
  );
  expect(set.length).toBeGreaterThan(0);
  expect(set.filter((name) => !known.includes(String(name)))).toEqual([]);
});

test('.dockerignore admits only the files that the Dockerfile copies', async () => {
  const ignored = (await readText('.dockerignore')).split('\n');
  const admitted = ignored.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) =>
    String(sources).split(' '),
  );
  expect(ignored).toContain('*');
  expect(admitted.sort()).toEqual([...new Set(copied)].sort());
});
