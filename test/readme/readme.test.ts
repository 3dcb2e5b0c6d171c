/** What the README says about the code, held against the code. */
import { readdir, stat } from 'node:fs/promises';
import { type Config, readConfig } from '../../src/config.js';
import { settle } from '../../src/simulator/options.js';
import { anchors, block, codeOf, links, ROOT, readText, tables } from './markdown.js';
import { serverVariables, simulatorVariables } from './variables.js';

let readme: string;
beforeAll(async () => {
  readme = await readText('README.md');
});

const isThere = (path: string): Promise<boolean> =>
  stat(new URL(path, ROOT)).then(
    () => true,
    () => false,
  );

async function missing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => !found[index]);
}

/** Of the two tables of variables: the server's comes first. */
const table = (index: 0 | 1): Map<string | undefined, string | undefined> =>
  new Map(tables(readme, 'Variable')[index]?.map(([name, value]) => [codeOf(name), codeOf(value)]));

test('the configuration table names every variable that the server reads, and no other', async () => {
  expect([...table(0).keys()].sort()).toEqual((await serverVariables()).sort());
});

test('the configuration table tells the default of every variable', () => {
  const config = readConfig({});
  const keyOf = (variable: string): string =>
    variable === 'CORS_ORIGIN'
      ? 'corsOrigins'
      : variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
  for (const [variable, told] of table(0)) {
    const key = keyOf(String(variable));
    expect(Object.keys(config)).toContain(key);
    const value = config[key as keyof Config];
    expect([variable, told]).toEqual([variable, value === undefined ? undefined : String(value)]);
  }
});

test('the table of the simulator names every variable that it reads, and no other', async () => {
  expect([...table(1).keys()].sort()).toEqual((await simulatorVariables()).sort());
});

test('the table of the simulator tells its defaults', async () => {
  const { host, stepMs, version, checkpoints } = settle({});
  const told = table(1);
  expect(told.get('SIMULATOR_HOST')).toBe(host);
  expect(told.get('SIMULATOR_STEP_MS')).toBe(String(stepMs));
  expect(told.get('SIMULATOR_VERSION')).toBe(version);
  expect(told.get('SIMULATOR_CHECKPOINTS')).toBe(checkpoints.join());
  expect(await readText('src/simulator/main.ts')).toContain(`DEFAULT_PORT = ${told.get('SIMULATOR_PORT')}`);
});

test('every link inside the project leads somewhere', async () => {
  const targets = links(readme).filter((target) => !/^https?:/.test(target));
  expect(targets.length).toBeGreaterThan(20);
  const inside = targets.filter((target) => target.startsWith('#'));
  expect(inside.filter((anchor) => !anchors(readme).includes(anchor))).toEqual([]);
  expect(await missing(targets.filter((target) => !target.startsWith('#')))).toEqual([]);
});

test('every file that is named exists', async () => {
  const named = [...readme.matchAll(/`((?:src|test|scripts|docs)\/[^`\s]+|[\w-]+\.(?:json|yml|ts|graphql))`/g)];
  expect(await missing(named.map(([, path]) => String(path)))).toEqual([]);
});

test('the layout names every folder of src, and nothing that is not there', async () => {
  const layout = block(readme, 'text', 'src/\n');
  const entries = [...layout.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => String(name));
  expect(await missing(entries.map((name) => `src/${name}`))).toEqual([]);
  const folders = (await readdir(new URL('src', ROOT), { withFileTypes: true })).filter((entry) => entry.isDirectory());
  expect(entries.filter((name) => name.endsWith('/')).sort()).toEqual(folders.map(({ name }) => `${name}/`).sort());
});

test('the table of commands names every script of package.json, and no other', async () => {
  const { scripts } = JSON.parse(await readText('package.json')) as { scripts: Record<string, string> };
  const commands = tables(readme, 'Command')[0]?.map(([command]) => codeOf(command)?.replace(/^npm (run )?/, ''));
  // What begins with `pre` runs by itself.
  const names = Object.keys(scripts).filter((name) => !(name.startsWith('pre') && name.slice(3) in scripts));
  expect(commands?.sort()).toEqual(names.sort());
  const used = [...readme.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => String(name));
  expect(used.filter((name) => !(name in scripts))).toEqual([]);
});
