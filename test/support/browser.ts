/** A real browser for the tests of pages: finds a Chromium on this machine and launches it. What pages do in it is the tests'. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { USUAL_PLACES } from '../../scripts/browser.mjs';

const FLAGS = [
  // Without it Chromium does not start as root, as it does in containers. The pages are our own.
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** @throws Error that says what to install */
export function findChromium(named = process.env.CHROMIUM_PATH, places = USUAL_PLACES): string {
  if (named && !existsSync(named)) throw new Error(`CHROMIUM_PATH is ${named}, and no file is there`);
  const found = named || places.find((place) => existsSync(place));
  if (found) return found;
  throw new Error(
    'The tests of pages need a Chromium and found none. On Debian and Ubuntu: apt-get update && apt-get install -y chromium. ' +
      'Elsewhere install Google Chrome, or set CHROMIUM_PATH to any Chromium.',
  );
}

/** @returns a browser without a window; its `close()` ends it */
export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: findChromium(), args: FLAGS });
}
