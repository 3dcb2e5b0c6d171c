/** Runs the slow files first, so that none runs alone at the end, and those with a browser one after the other: each keeps a core busy. */
import Sequencer from '@jest/test-sequencer';
import { isSlow } from './slow.js';

export default class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const slow = new Set(sorted.filter(({ path }) => isSlow(path)));
    return spread([...slow, ...sorted.filter((test) => !slow.has(test))]);
  }
}

const hasBrowser = ({ path }) => /[\\/]test[\\/]web[\\/]/.test(path);
/** As many as run while one with a browser does. */
const BETWEEN = 12;

function spread(tests) {
  const browsers = tests.filter(hasBrowser);
  const others = tests.filter((test) => !hasBrowser(test));
  const mixed = [];
  for (const browser of browsers) mixed.push(browser, ...others.splice(0, BETWEEN));
  return [...mixed, ...others];
}
