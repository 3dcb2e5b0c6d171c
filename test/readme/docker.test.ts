/** The container files, held against the code: what can be known without a Docker engine. */
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

/** As Compose fills in `${NAME:-default}` where nothing is set. */
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

test('the server is given only variables that it reads, the simulator only those that it reads', async () => {
  const readByServer = await serverVariables();
  const readBySimulator = await simulatorVariables();
  expect(Object.keys(environmentOf('server')).filter((name) => !readByServer.includes(name))).toEqual([]);
  expect(Object.keys(environmentOf('simulator')).filter((name) => !readBySimulator.includes(name))).toEqual([]);
});

test('what the server is given by default is a right configuration, and leads to the services beside it', () => {
  const given = Object.entries(environmentOf('server')).filter(([, value]) => value !== null);
  const config = readConfig(Object.fromEntries(given) as Record<string, string>);
  const { POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB } = environmentOf('postgres');
  expect(config.databaseUrl).toBe(`postgres://${POSTGRES_USER}:${POSTGRES_PASSWORD}@postgres:5432/${POSTGRES_DB}`);
  expect(config.comfyuiUrl).toEqual([{ name: 'comfyui-1', url: 'http://simulator:8188' }]);
});

test('every variable that may be set for Compose is told in the README', async () => {
  const readme = await readText('README.md');
  const names = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => String(name));
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => !readme.includes(name))).toEqual([]);
});

test('every network, volume and service that is used is declared', () => {
  for (const { networks = [], volumes = [], depends_on = {} } of Object.values(compose.services)) {
    expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks));
    const named = volumes.map((volume) => volume.split(':')[0]).filter((source) => !source?.startsWith('.'));
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(named));
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(depends_on)));
  }
});

test('the database is on a network of its own, with the server alone', () => {
  const onIt = Object.entries(compose.services).filter(([, { networks }]) => networks?.includes('database'));
  expect(onIt.map(([name]) => name).sort()).toEqual(['postgres', 'server']);
  expect(compose.networks.database).toEqual({ internal: true });
});

test('the image sets only variables that the server reads, and NODE_ENV', async () => {
  const known = [...(await serverVariables()), 'NODE_ENV'];
  const set = [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, pairs]) =>
    String(pairs)
      .split(' ')
      .map((pair) => pair.split('=')[0]),
  );
  expect(set.length).toBeGreaterThan(0);
  expect(set.filter((name) => !known.includes(String(name)))).toEqual([]);
});

test('.dockerignore lets in what the Dockerfile copies, and nothing else', async () => {
  const ignored = (await readText('.dockerignore')).split('\n');
  const letIn = ignored.flatMap((line) => (line.startsWith('!') ? [line.slice(1)] : []));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, sources]) =>
    String(sources).split(' '),
  );
  expect(ignored).toContain('*');
  expect(letIn.sort()).toEqual([...new Set(copied)].sort());
});
