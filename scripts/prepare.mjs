/**
 * Installs and builds what is missing or out of date, and says what it does. Runs before `npm start` and `npm test`, on whatever Node the
 * host has; what follows runs on the Node that is pinned in package.json. Nothing here may need a package.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureBrowser } from './browser.mjs';
import { clearBuild, isBuilt, markBuilt } from './built.mjs';
import { isInstalled } from './installed.mjs';
import { onlyOne } from './only-one.mjs';

const LEAST_NODE = 20;

const [major] = process.versions.node.split('.').map(Number);
if (major < LEAST_NODE) {
  console.error(`ComfyGraph needs Node ${LEAST_NODE} or newer to start; this is ${process.version}.`);
  process.exit(1);
}

const isReady = () => isInstalled() && isBuilt();

if (!isReady())
  await onlyOne(async () => {
    if (!isInstalled()) {
      console.log('Installing dependencies: this takes a minute, once …');
      await npm(
        ...howToInstall(),
        '--include=dev',
        '--include=optional',
        '--loglevel=error',
        '--no-audit',
        '--no-fund',
      );
    }
    if (!isBuilt()) {
      console.log('Building …');
      clearBuild();
      await npm('run', '--silent', 'build');
      markBuilt();
    }
  });

if (process.argv.includes('--browser')) ensureBrowser();

/** Windows deletes no program that runs, and this may run on the Node of the earlier installation. */
function howToInstall() {
  return process.platform === 'win32' && existsSync('node_modules/.bin/node') ? ['install', '--no-save'] : ['ci'];
}

/** Runs npm by its own Node: the one in node_modules goes away while it installs. What ends this ends npm. */
async function npm(...args) {
  const { npm_execpath: path, npm_node_execpath: node = process.execPath } = process.env;
  // Whoever called this by hand, or by another package manager, has an npm in the PATH.
  const child = path?.endsWith('npm-cli.js')
    ? spawn(node, [path, ...args], { stdio: 'inherit' })
    : spawn('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  const pass = (signal) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`npm cannot be run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
  process.off('SIGINT', pass).off('SIGTERM', pass);
  if (code !== 0) process.exit(code);
}
