/** AppTimings go together, or no server starts. */
import { APP_TIMINGS, type AppTimings, checkTimings } from '../../src/timings.js';

test('those of production do', () => {
  expect(() => checkTimings(APP_TIMINGS)).not.toThrow();
});

test.each<[string, Partial<AppTimings>, string]>([
  ['a lease of three heartbeats', { leaseMs: 9_000 }, 'a lease outlives two heartbeats that are lost'],
  ['a heartbeat that is too rare', { heartbeatIntervalMs: 5_000 }, 'a lease outlives two heartbeats that are lost'],
  ['statements as long as a lease', { statementTimeoutMs: 12_000 }, 'a heartbeat that is late is no broken connection'],
  ['transactions as long as a lease', { idleTransactionTimeoutMs: 12_000 }, 'what a frozen process has locked'],
  [
    'a cancel that is looked for once',
    { cancelConfirmTimeoutMs: 3_000 },
    'a prompt that is canceled is looked for twice',
  ],
  [
    'jobs that move after one check',
    { awayTimeoutMs: 3_000 },
    'a backend is asked more than once before its jobs move',
  ],
])('%s is refused, with the reason', (_, timings, reason) => {
  expect(() => checkTimings({ ...APP_TIMINGS, ...timings })).toThrow(reason);
});

test('every relation that is broken is named', () => {
  const timings = { ...APP_TIMINGS, leaseMs: 1_000 };
  expect(() => checkTimings(timings)).toThrow(/a lease outlives .*; what a frozen process has locked/);
});
