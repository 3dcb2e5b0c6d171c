/**
 * The checks before `npm start` installs or builds: an incomplete or outdated state is detected.
 *
 * @slow: starts servers as processes.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const scripts = resolve(import.meta.dirname, '../../scripts');
const folder = mkdtempSync(join(tmpdir(), 'comfygraph-prepare-'));
afterAll(() => rmSync(folder, { recursive: true }));

function write(path: string, content: string | object): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));
}

/** Runs code that uses a script of the project, as a process in the folder. @returns its output */
async function output(script: string, code: string): Promise<string> {
  const text = `import * as script from ${JSON.stringify(`file://${join(scripts, script)}`)};\n${code}`;
  const { stdout } = await run(process.execPath, ['--input-type=module', '-e', text], { cwd: folder });
  return stdout.trim();
}
const isInstalled = () => output('installed.mjs', 'console.log(script.isInstalled())');
const isBuilt = () => output('built.mjs', 'console.log(script.isBuilt())');

const OTHER_SYSTEM = process.platform === 'win32' ? 'linux' : 'win32';

describe('an installation', () => {
  const a = { version: '1.0.0', integrity: 'sha512-a' };
  const ours = { ...a, optional: true, os: process.platform, cpu: [process.arch] };
  const theirs = { ...a, optional: true, os: [OTHER_SYSTEM] };
  const dependencies = { a: '1.0.0' };
  const lock = (packages: object, project: object = { dependencies }) => ({ packages: { '': project, ...packages } });
  const all = { 'node_modules/a': a, 'node_modules/ours': ours, 'node_modules/theirs': theirs };

  beforeEach(() => {
    rmSync(join(folder, 'node_modules'), { recursive: true, force: true });
    write('package.json', { dependencies });
    write('package-lock.json', lock(all));
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': a, 'node_modules/ours': ours } });
    for (const name of ['a', 'ours']) write(`node_modules/${name}/package.json`, {});
  });

  test('is complete without packages for other platforms', async () => {
    expect(await isInstalled()).toBe('true');
  });
  test('is incomplete until npm has written its lockfile, which it writes last', async () => {
    rmSync(join(folder, 'node_modules/.package-lock.json'));
    expect(await isInstalled()).toBe('false');
  });
  test('is incomplete without a package', async () => {
    rmSync(join(folder, 'node_modules/a'), { recursive: true });
    expect(await isInstalled()).toBe('false');
  });
  test('is incomplete without a package for this platform', async () => {
    write('node_modules/.package-lock.json', { packages: { 'node_modules/a': a } });
    expect(await isInstalled()).toBe('false');
  });
  test('is outdated when another branch needs another version', async () => {
    write('package-lock.json', lock({ ...all, 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } }));
    expect(await isInstalled()).toBe('false');
  });
  test('is outdated when package.json and the lockfile differ', async () => {
    write('package.json', { dependencies: { ...dependencies, b: '2.0.0' } });
    expect(await isInstalled()).toBe('false');
  });
});

describe('a build', () => {
  beforeEach(async () => {
    rmSync(join(folder, 'dist'), { recursive: true, force: true });
    for (const settings of ['package.json', 'package-lock.json', 'tsconfig.json']) write(settings, {});
    write('src/main.ts', 'main');
    write('dist/main.js', 'made of main');
    await output('built.mjs', 'script.markBuilt()');
  });

  test('is up to date until a source changes, and again after the change is undone', async () => {
    expect(await isBuilt()).toBe('true');
    write('src/main.ts', 'another branch');
    expect(await isBuilt()).toBe('false');
    write('src/main.ts', 'main');
    expect(await isBuilt()).toBe('true');
  });
  test('is outdated after a source is moved', async () => {
    renameSync(join(folder, 'src/main.ts'), join(folder, 'src/other.ts'));
    expect(await isBuilt()).toBe('false');
    rmSync(join(folder, 'src/other.ts'));
  });
  test('is outdated after a file of it is changed or deleted', async () => {
    write('dist/main.js', 'patched');
    expect(await isBuilt()).toBe('false');
    rmSync(join(folder, 'dist/main.js'));
    expect(await isBuilt()).toBe('false');
  });
  test('is incomplete after an interruption, and nothing of the old build stays', async () => {
    await output('built.mjs', 'script.clearBuild()');
    write('dist/half.js', 'half');
    expect(await isBuilt()).toBe('false');
    expect(existsSync(join(folder, 'dist/main.js'))).toBe(false);
  });
});

test('concurrent preparations run one after another', async () => {
  const work = `
    const { setTimeout } = await import('node:timers/promises');
    const { appendFileSync } = await import('node:fs');
    await script.onlyOne(async () => {
      appendFileSync('order', 'begin ');
      await setTimeout(100);
      appendFileSync('order', 'end ');
    });
    process.stdout.write((await import('node:fs')).readFileSync('order', 'utf8'));`;
  const orders = await Promise.all([1, 2, 3].map(() => output('only-one.mjs', work)));
  expect(orders.find((order) => order.endsWith('begin end begin end begin end'))).toBeDefined();
});
