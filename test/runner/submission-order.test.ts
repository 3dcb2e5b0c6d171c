/** Jobs of a backend submit their prompts in the order in which they were claimed. */
import { SubmissionOrder } from '../../src/runner/submission-order.js';

/** Starts three jobs. `begun` lists the jobs that may submit, in order. */
function start(order: SubmissionOrder, backends: [string, string, string]) {
  const turns = backends.map((backend) => order.next(backend));
  const begun: number[] = [];
  const begins = turns.map((turn, index) => turn.begin().then(() => begun.push(index)));
  return { turns, begun, begins };
}

test('a job waits until the job before it has submitted its prompt', async () => {
  const { turns, begun, begins } = start(new SubmissionOrder(60_000), ['a', 'a', 'a']);
  await begins[0];
  expect(begun).toEqual([0]);
  turns[0]?.end();
  await begins[1];
  expect(begun).toEqual([0, 1]);
  turns[1]?.end();
  await Promise.all(begins);
  expect(begun).toEqual([0, 1, 2]);
});

test('a job does not wait for a job that ended without a prompt, nor for another backend', async () => {
  const order = new SubmissionOrder(60_000);
  order.next('a').end();
  const { begun, begins } = start(order, ['a', 'b', 'c']);
  await Promise.all(begins);
  expect(begun.toSorted()).toEqual([0, 1, 2]);
});

test('a job that takes too long lets the next one go first', async () => {
  const { begun, begins } = start(new SubmissionOrder(1), ['a', 'a', 'b']);
  await Promise.all(begins);
  expect(begun).toContain(1);
});

test('a job may begin again, and end more than once', async () => {
  const turn = new SubmissionOrder(60_000).next('a');
  await turn.begin();
  turn.end();
  turn.end();
  await turn.begin();
});
