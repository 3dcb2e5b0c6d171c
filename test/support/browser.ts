/** Finds a Chromium on this machine and launches it for the browser tests. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { BROWSER_PATHS } from '../../scripts/browser.mjs';

const FLAGS = [
  // Chromium does not start as root with its sandbox. The pages are our own.
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

/** @throws Error that says what to install */
export function findChromium(named = process.env.CHROMIUM_PATH, paths = BROWSER_PATHS): string {
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH=${named} does not exist`);
  const found = named || paths.find((place) => existsSync(place));
  if (found) return found;
  throw new Error(
    'No Chromium found for the browser tests. On Debian and Ubuntu: apt-get update && apt-get install -y chromium. ' +
      'Elsewhere install Google Chrome, or set CHROMIUM_PATH to any Chromium.',
  );
}

/** @returns a headless browser */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: FLAGS });
}
