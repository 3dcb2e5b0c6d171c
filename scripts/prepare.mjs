/**
 * Installs and builds what is missing or out of date, and says what it does. Runs before `npm start` and `npm test`, on whatever Node the
 * host has; what follows runs on the Node that is pinned in package.json.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './browser.mjs';

const LEAST_NODE = 20;
const INSTALLED = 'node_modules/.comfygraph-installed';
const BUILT = 'dist/.comfygraph-built';

const [major] = process.versions.node.split('.').map(Number);
if (major < LEAST_NODE) {
  console.error(`ComfyGraph needs Node ${LEAST_NODE} or newer to start; this is ${process.version}.`);
  process.exit(1);
}

const installation = digest(['package-lock.json', '.npmrc'], `${process.platform} ${process.arch}`);
if (!isUpToDate(INSTALLED, installation)) {
  console.log('Installing dependencies …');
  npm('ci', '--include=dev', '--include=optional', '--loglevel=error', '--no-audit', '--no-fund');
  writeFileSync(INSTALLED, installation);
}

const source = digest(['tsconfig.json', ...filesBelow('src')], installation);
if (!isUpToDate(BUILT, source)) {
  console.log('Building …');
  npm('run', '--silent', 'build');
  mkdirSync('dist', { recursive: true });
  writeFileSync(BUILT, source);
}

if (process.argv.includes('--browser')) ensureBrowser();

function npm(...args) {
  // npm names itself to the scripts it runs; by that path it also runs where it is a .cmd file.
  const { status } = spawnSync(process.execPath, [process.env.npm_execpath, ...args], { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function isUpToDate(stamp, expected) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === expected;
}

function digest(files, more) {
  const hash = createHash('sha256').update(more);
  for (const file of files) hash.update(`\0${file}\0`).update(readFileSync(file));
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}
