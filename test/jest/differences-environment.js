/**
 * Runs a third-party suite with known differences: a test file sets `globalThis.differences`, from the name of a test to the reason. These
 * tests must fail; a passing one fails the run, and so does a name without a test.
 */
import NativeEnvironment from './environment.js';

export default class extends NativeEnvironment {
  handleTestEvent({ name: event }, { rootDescribeBlock }) {
    if (event !== 'run_start') return;
    const tests = testsIn(rootDescribeBlock);
    for (const [name, reason] of Object.entries(this.global.differences)) {
      const called = tests.filter(({ path }) => path === name).map(({ test }) => test);
      if (called.length !== 1) throw new Error(`${called.length} tests are called ${name}`);
      called[0].failing = true;
      called[0].name += ` (differs by design: ${reason})`;
    }
  }
}

/** @returns each test with its full name, which begins with the names of its describe blocks */
const testsIn = ({ children }, above = []) =>
  children.flatMap((child) => {
    const names = [...above, child.name];
    return child.type === 'test' ? [{ path: names.join(' > '), test: child }] : testsIn(child, names);
  });
