/**
 * Runs test files in Node itself instead of a virtual machine per file: a worker loads MikroORM, type-graphql, Apollo and the built server
 * once, not once per file. Jest uses it as its `runtime`; it implements what jest-runner and jest-circus 30 call.
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

  /** Loads the test runner anew for each file, so that it begins without tests. */
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
    // In watch mode a file runs again in the same process.
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
