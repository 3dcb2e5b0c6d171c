/** Compares what the docs say about the code with the code. */
import { readdir, stat } from 'node:fs/promises';
import { type Config, readConfig } from '../../src/config.js';
import { demoModels } from '../../src/simulator/demo-models.js';
import { resolveOptions } from '../../src/simulator/options.js';
import { anchors, block, codeOf, docs, links, ROOT, readText, tables } from './markdown.js';
import { serverVariables, simulatorVariables } from './variables.js';

const README_BYTES = 12_000;

const isThere = (path: string | URL): Promise<boolean> =>
  stat(new URL(path, ROOT)).then(
    () => true,
    () => false,
  );

async function missing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(paths.map(isThere));
  return paths.filter((_, index) => !found[index]);
}

/** The paths and texts of all docs. */
const readDocs = async (): Promise<[path: string, text: string][]> =>
  Promise.all((await docs()).map(async (path) => [path, await readText(path)]));

describe('the tables of docs/operating.md', () => {
  let operating: string;
  beforeAll(async () => {
    operating = await readText('docs/operating.md');
  });

  /** The names and defaults of a table of variables: first the server's, then the simulator's. */
  const table = (index: 0 | 1): Map<string | undefined, string | undefined> =>
    new Map(tables(operating, 'Variable')[index]?.map(([name, value]) => [codeOf(name), codeOf(value)]));

  test('the configuration table names every variable that the server reads, and no other', async () => {
    expect([...table(0).keys()].sort()).toEqual((await serverVariables()).sort());
  });

  test('the configuration table states the default of every variable', () => {
    const config = readConfig({});
    const keyOf = (variable: string): string =>
      variable.toLowerCase().replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    for (const [variable, stated] of table(0)) {
      const key = keyOf(String(variable));
      expect(Object.keys(config)).toContain(key);
      const value = config[key as keyof Config];
      expect([variable, stated]).toEqual([variable, value === undefined ? undefined : String(value)]);
    }
  });

  test('the table of the simulator names every variable that it reads, and no other', async () => {
    expect([...table(1).keys()].sort()).toEqual((await simulatorVariables()).sort());
  });

  test('the table of the simulator states its defaults', async () => {
    const { host, stepMs, version, checkpoints } = resolveOptions(demoModels);
    const stated = table(1);
    expect(stated.get('SIMULATOR_HOST')).toBe(host);
    expect(stated.get('SIMULATOR_STEP_MS')).toBe(String(stepMs));
    expect(stated.get('SIMULATOR_VERSION')).toBe(version);
    expect(stated.get('SIMULATOR_CHECKPOINTS')).toBe(checkpoints.join());
    expect(await readText('src/simulator/main.ts')).toContain(`DEFAULT_PORT = ${stated.get('SIMULATOR_PORT')}`);
  });
});

describe('docs/architecture.md', () => {
  let architecture: string;
  beforeAll(async () => {
    architecture = await readText('docs/architecture.md');
  });

  test('the tree names every folder of src, and only entries that exist', async () => {
    const tree = block(architecture, 'text', 'src/\n');
    const entries = [...tree.matchAll(/^ {2}(\S+)/gm)].map(([, name]) => String(name));
    expect(await missing(entries.map((name) => `src/${name}`))).toEqual([]);
    const entriesOfSrc = await readdir(new URL('src', ROOT), { withFileTypes: true });
    const folders = entriesOfSrc.filter((entry) => entry.isDirectory()).map(({ name }) => `${name}/`);
    expect(entries.filter((name) => name.endsWith('/')).sort()).toEqual(folders.sort());
  });

  test('every table of the database has an owner', async () => {
    const names = (await readdir(new URL('src/db/migrations', ROOT), { recursive: true })).filter((name) =>
      name.endsWith('.ts'),
    );
    const migrations = await Promise.all(names.map((name) => readText(`src/db/migrations/${name}`)));
    const created = migrations
      .flatMap((text) => [...text.matchAll(/create (?:unlogged )?table (\w+)/g)])
      .map(([, name]) => String(name));
    const owned = tables(architecture, 'Table')
      .flat()
      .flatMap(([cell]) => [...String(cell).matchAll(/`(\w+)`/g)].map(([, name]) => String(name)));
    // A later migration may create a table anew. The tool for migrations creates its table itself.
    expect(owned.sort()).toEqual([...new Set(created), 'mikro_orm_migrations'].sort());
  });
});

test(`README.md has at most ${README_BYTES} bytes`, async () => {
  expect(Buffer.byteLength(await readText('README.md'))).toBeLessThanOrEqual(README_BYTES);
});

test('every link inside the project leads to a file and a heading', async () => {
  const broken: string[] = [];
  let checked = 0;
  for (const [path, text] of await readDocs())
    for (const target of links(text).filter((target) => !/^https?:/.test(target))) {
      const [file = '', anchor] = target.split('#');
      const url = new URL(file || new URL(path, ROOT).href, new URL(path, ROOT));
      const isWhole =
        (await isThere(url)) && (anchor === undefined || anchors(await readText(url.href)).includes(`#${anchor}`));
      if (!isWhole) broken.push(`${path}: ${target}`);
      checked += 1;
    }
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(100);
});

test('every file that is named exists', async () => {
  for (const [path, text] of await readDocs()) {
    const named = [...text.matchAll(/`((?:src|test|scripts|docs)\/[^`\s]+|[\w-]+\.(?:json|yml|graphql))`/g)];
    expect([path, await missing(named.map(([, name]) => String(name)))]).toEqual([path, []]);
  }
});

test('the table of commands names every script of package.json, and no other', async () => {
  const { scripts } = JSON.parse(await readText('package.json')) as { scripts: Record<string, string> };
  const contributing = await readText('CONTRIBUTING.md');
  const commands = tables(contributing, 'Command')[0]?.map(([command]) => codeOf(command)?.replace(/^npm (run )?/, ''));
  // npm runs `pre…` scripts by itself.
  const names = Object.keys(scripts).filter((name) => !(name.startsWith('pre') && name.slice(3) in scripts));
  expect(commands?.sort()).toEqual(names.sort());
});

test('every npm script that the docs name exists', async () => {
  const { scripts } = JSON.parse(await readText('package.json')) as { scripts: Record<string, string> };
  for (const [path, text] of await readDocs()) {
    const used = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => String(name));
    expect([path, used.filter((name) => !(name in scripts))]).toEqual([path, []]);
  }
});
