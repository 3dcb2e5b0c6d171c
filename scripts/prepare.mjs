/**
 * Installs and builds what is missing or out of date, and reports what it does. Runs before `npm start` and `npm test`, on the host's
 * Node; the script itself then runs on the Node that package.json pins. Nothing here may need a package.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { ensureBrowser } from './browser.mjs';
import { clearBuild, isBuilt, markBuilt } from './built.mjs';
import { isInstalled } from './installed.mjs';
import { onlyOne } from './only-one.mjs';

const MIN_NODE = 20;

const [major] = process.versions.node.split('.').map(Number);
if (major < MIN_NODE) {
  console.error(`ComfyGraph needs Node ${MIN_NODE} or newer to start; this is ${process.version}.`);
  process.exit(1);
}

const isReady = () => isInstalled() && isBuilt();

if (!isReady())
  await onlyOne(async () => {
    if (!isInstalled()) {
      console.log('Installing dependencies: this takes a minute, once …');
      await npm(
        ...installArguments(),
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

/** `npm ci` deletes node_modules, but Windows cannot delete a running program, and this may run on the Node in there. */
function installArguments() {
  return process.platform === 'win32' && existsSync('node_modules/.bin/node') ? ['install', '--no-save'] : ['ci'];
}

/** Runs npm on its own Node, because the installation deletes the one in node_modules. Passes signals on to npm. */
async function npm(...args) {
  const { npm_execpath: path, npm_node_execpath: node = process.execPath } = process.env;
  // If npm did not start this script, npm is in the PATH.
  const child = path?.endsWith('npm-cli.js')
    ? spawn(node, [path, ...args], { stdio: 'inherit' })
    : spawn('npm', args, { stdio: 'inherit', shell: process.platform === 'win32' });
  const pass = (signal) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      console.error(`npm cannot run: ${error.message}`);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
  process.off('SIGINT', pass).off('SIGTERM', pass);
  if (code !== 0) process.exit(code);
}
