/** Finds a Chromium on this machine and launches it for the browser tests. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { BROWSER_FLAGS, BROWSER_PATHS } from '../../scripts/browser.mjs';

/** A browser starts slowly on a busy machine. */
const START_TIMEOUT_MS = 100_000;

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
  return chromium.launch({ executablePath: findChromium(), args: BROWSER_FLAGS, timeout: START_TIMEOUT_MS });
}
