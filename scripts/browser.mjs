/** Finds a Chromium for the tests of pages, installs Debian's, or says exactly what is missing. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** The paths of Chromium, Chrome and Edge on Linux, macOS and Windows. */
export const BROWSER_PATHS = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

/** Of a browser that opens only our own pages. */
export const BROWSER_FLAGS = [
  // Chromium does not start as root with its sandbox.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // A page reaches this machine alone.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/** @returns the path of a browser; undefined if there is none */
export const findBrowser = () => [process.env.CHROMIUM_PATH, ...BROWSER_PATHS].find((path) => path && existsSync(path));

export function ensureBrowser() {
  if (findBrowser()) return;
  const isDebian = existsSync('/etc/debian_version');
  if (isDebian && process.getuid?.() === 0) {
    console.log('Installing Chromium for the browser tests (apt-get install chromium) …');
    const apt = (...args) =>
      spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
    if (apt('update') && apt('install', '-y', '--no-install-recommends', 'chromium') && findBrowser()) return;
  }
  console.error(
    `The browser tests need a Chromium. ${isDebian ? 'Install it: sudo apt-get install chromium' : 'Install Chrome or Chromium'}, or set CHROMIUM_PATH to one.`,
  );
  process.exit(1);
}
