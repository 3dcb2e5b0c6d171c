/** Runs the slow files first, so that none runs alone at the end. */
import Sequencer from '@jest/test-sequencer';
import { isSlow } from './slow.js';

export default class SlowFirst extends Sequencer {
  sort(tests) {
    const sorted = super.sort(tests);
    const slow = new Set(sorted.filter(({ path }) => isSlow(path)));
    return [...slow, ...sorted.filter((test) => !slow.has(test))];
  }
}
