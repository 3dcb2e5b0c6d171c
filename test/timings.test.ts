/** A server starts only with consistent timings. */
import { APP_TIMINGS, type AppTimings, checkTimings } from '../src/timings.js';

test('the production timings are consistent', () => {
  expect(() => checkTimings(APP_TIMINGS)).not.toThrow();
});

test.each<[string, Partial<AppTimings>, string]>([
  ['a lease of three heartbeats', { leaseMs: 9_000 }, 'a lease survives two lost heartbeats'],
  ['a heartbeat that is too rare', { heartbeatIntervalMs: 5_000 }, 'a lease survives two lost heartbeats'],
  ['statements as long as a lease', { statementTimeoutMs: 12_000 }, 'a late heartbeat does not break its connection'],
  ['transactions as long as a lease', { idleTransactionTimeoutMs: 12_000 }, 'the locks of a frozen process are free'],
  [
    'a canceled prompt that is searched for once',
    { cancelConfirmTimeoutMs: 3_000 },
    'a canceled prompt is searched for twice',
  ],
  [
    'jobs that move after one check',
    { failoverTimeoutMs: 3_000 },
    'a backend is checked more than once before its jobs move',
  ],
])('%s is rejected with the reason', (_, timings, reason) => {
  expect(() => checkTimings({ ...APP_TIMINGS, ...timings })).toThrow(reason);
});

test('every broken relation is named', () => {
  const timings = { ...APP_TIMINGS, leaseMs: 1_000 };
  expect(() => checkTimings(timings)).toThrow(/a lease survives .*; the locks of a frozen process/);
});
