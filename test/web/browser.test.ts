/** The search for a browser. */
import { findChromium } from '../support/browser.js';

test('CHROMIUM_PATH wins over the usual places', () => {
  expect(findChromium(process.execPath, [])).toBe(process.execPath);
});

test('a CHROMIUM_PATH where there is no file is an error that says so', () => {
  expect(() => findChromium('/nowhere/chromium')).toThrow('CHROMIUM_PATH is /nowhere/chromium, and no file is there');
});

test('where no Chromium is found, the error says what to install', () => {
  expect(() => findChromium('', ['/nowhere/chromium'])).toThrow('apt-get install -y chromium');
});
