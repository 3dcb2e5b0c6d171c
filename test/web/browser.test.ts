/** Finds a browser. */
import { findChromium } from '../support/browser.js';

test('CHROMIUM_PATH takes precedence over the default paths', () => {
  expect(findChromium(process.execPath, [])).toBe(process.execPath);
});

test('a CHROMIUM_PATH without a file is an error', () => {
  expect(() => findChromium('/nowhere/chromium')).toThrow('CHROMIUM_PATH=/nowhere/chromium does not exist');
});

test('without a Chromium the error says what to install', () => {
  expect(() => findChromium('', ['/nowhere/chromium'])).toThrow('apt-get install -y chromium');
});
