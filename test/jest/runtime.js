/**
 * Runs test files in Node itself, in place of a virtual machine for each file: a worker loads MikroORM, type-graphql, Apollo and the built
 * server once, and not once for each of its files. Jest takes it as its `runtime`; it has what jest-runner and jest-circus 30 ask of one.
 */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const HANDLERS = Symbol.for('EVENT_HANDLERS');
const TIMEOUT = Symbol.for('TEST_TIMEOUT_SYMBOL');

class NativeRuntime {
  #environment;

  constructor(_config, environment) {
    this.#environment = environment;
    delete globalThis[HANDLERS];
    delete globalThis[TIMEOUT];
  }

  /** The test runner, anew for each file: it begins with no tests. */
  requireInternalModule(path) {
    delete require.cache[path];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  async unstable_importModule(path) {
    // A file that is watched runs again in the same process.
    await import(`${pathToFileURL(path)}?run=${Date.now()}`);
  }

  setGlobalsForRuntime() {
    const { fakeTimersModern: timers, moduleMocker: mocker } = this.#environment;
    globalThis.jest = {
      fn: mocker.fn.bind(mocker),
      spyOn: mocker.spyOn.bind(mocker),
      useFakeTimers: timers.useFakeTimers.bind(timers),
      useRealTimers: timers.useRealTimers.bind(timers),
      advanceTimersByTimeAsync: timers.advanceTimersByTimeAsync.bind(timers),
      setTimeout: (ms) => {
        globalThis[TIMEOUT] = ms;
      },
    };
  }

  enterTestCode() {}

  leaveTestCode() {}

  teardown() {}

  getSourceMaps() {
    return new Map();
  }

  getAllCoverageInfoCopy() {}
}

export { NativeRuntime as 'module.exports' };
