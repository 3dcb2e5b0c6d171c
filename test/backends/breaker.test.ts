/** The breaker of a backend: which failures open it. */
import { randomUUID } from 'node:crypto';
import { recordStrike, recordSuccess, withdrawStrikes } from '../../src/backends/breaker.js';
import { TIMINGS } from '../../src/process/timings.js';
import { startWorld, type World } from '../runner/support.js';

let world: World;
let backend: string;
beforeAll(async () => {
  world = await startWorld();
});
beforeEach(async () => {
  backend = await world.insertBackend('ONLINE');
});
afterAll(() => world.close());

const IDS = { A: randomUUID(), B: randomUUID(), C: randomUUID() };
type Letter = keyof typeof IDS;
/** Each letter is a strike of that generation. Returns whether the breaker is open after each. */
async function strike(letters: string): Promise<boolean[]> {
  const open = [];
  for (const letter of letters)
    open.push((await recordStrike(world.em(), backend, IDS[letter as Letter], 'no such key', TIMINGS)).isBroken);
  return open;
}
const stateOf = async () => (await world.run('select state from backends where id = ?', [backend]))[0]?.state;

test.each([
  ['three failures of one generation, such as by a corrupt model file', 'AAA'],
  ['two failures of one generation and one of another', 'AAB'],
])('%s leave the backend ONLINE', async (_, letters) => {
  expect(await strike(letters)).toEqual([false, false, false]);
  expect(await stateOf()).toBe('ONLINE');
});

test.each([
  ['three generations that fail once', 'ABC', [false, false, true]],
  ['two generations that fail twice', 'ABAB', [false, false, false, true]],
  ['three generations of which one fails twice', 'AABC', [false, false, false, true]],
])('%s open the breaker at once, before one of them has used its last attempt', async (_, letters, open) => {
  expect(await strike(letters)).toEqual(open);
  expect(await stateOf()).toBe('OFFLINE');
});

test('a success forgets the failures before it', async () => {
  await strike('AB');
  await recordSuccess(world.em(), backend);
  expect(await strike('CA')).toEqual([false, false]);
});

test('the breaker closes when a generation turns out to be the cause, unless the others are enough', async () => {
  await strike('ABCA');
  await withdrawStrikes(world.em(), IDS.A);
  expect(await stateOf()).toBe('ONLINE');
  await strike('BCA');
  await withdrawStrikes(world.em(), IDS.A);
  expect(await stateOf()).toBe('OFFLINE');
});
