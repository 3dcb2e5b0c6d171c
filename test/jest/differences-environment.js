/**
 * Runs a suite of others' that may differ in what is known by name: a file says it in `globalThis.differences`, from the name of a test to
 * the reason. Such a test has to fail. One that passes after all fails the run, and so does a name that no test has.
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

/** @returns each test with its name, which begins with the names of what it is in */
const testsIn = ({ children }, above = []) =>
  children.flatMap((child) => {
    const names = [...above, child.name];
    return child.type === 'test' ? [{ path: names.join(' > '), test: child }] : testsIn(child, names);
  });
