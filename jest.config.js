/** @type {import('jest').Config} */
export default {
  // The tests run in Node itself: what they import is resolved by test/jest/modules.js.
  runtime: '<rootDir>/test/jest/runtime.js',
  testEnvironment: '<rootDir>/test/jest/environment.js',
  transform: {},
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  globalSetup: '<rootDir>/test/jest/global-setup.js',
  globalTeardown: '<rootDir>/test/jest/global-teardown.js',
  testSequencer: '<rootDir>/test/jest/sequencer.js',
  reporters: ['default', '<rootDir>/test/jest/slowest.js', '<rootDir>/test/jest/closing-line.js'],
  // Most of a test is waiting: for sockets, processes, a deadline.
  maxWorkers: 4,
  // Generous: a wait that will never end names itself before (support/until.ts), and a test in a browser has many that end.
  testTimeout: 300_000,
};
