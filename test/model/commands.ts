/** What users do and what breaks, each as a command: how it changes the model, and what must be true of the answer. */
import fc from 'fast-check';
import { until } from '../support/until.js';
import { FIELDS, type Seen, type User, type Watching, type World } from './world.js';

type Known = {
  key: string;
  id: string;
  /** What its owner wants of it. */
  wish: 'picture' | 'stop' | 'nothing';
  last: Seen;
  /** How often ComfyUI has forgotten everything since it was asked for. */
  losses: number;
  watchings: Watching[];
};

/** What must be true, as far as the test has done anything about it. */
export type Model = { generations: Known[]; isHeld: boolean };
export type Real = { world: World; alice: User; bob: User };
type Command = fc.AsyncCommand<Model, Real>;

const RANKS = ['PENDING', 'PROCESSING', 'CANCELING', 'final'];
const isFinal = ({ status }: Seen): boolean => !RANKS.includes(status);
const rank = (seen: Seen): number => RANKS.indexOf(isFinal(seen) ? 'final' : seen.status);
/** A prompt is sent so often, the first time included. */
const MAX_ATTEMPTS = 3;

/** What may come after what was seen. */
export function expectLater(before: Seen, after: Seen): void {
  expect(after.revision).toBeGreaterThanOrEqual(before.revision);
  expect(after.attempt).toBeGreaterThanOrEqual(before.attempt);
  expect(rank(after)).toBeGreaterThanOrEqual(rank(before));
  if (isFinal(before)) expect(after).toEqual(before);
}

const command = (name: string, run: Command['run'], check: Command['check'] = () => true): Command => ({
  check,
  run,
  toString: () => name,
});

/** Of one of those that were asked for and are not deleted, whichever the number points at. */
const onOne = (name: string, nth: number, act: (known: Known, real: Real, model: Model) => Promise<void>): Command => {
  const pick = ({ generations }: Readonly<Model>) => generations.filter(({ wish }) => wish !== 'nothing');
  return command(
    `${name}(${nth})`,
    async (model, real) => {
      const there = pick(model);
      await act(there[nth % there.length] as Known, real, model);
    },
    (model) => pick(model).length > 0,
  );
};

const CREATE = `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { ${FIELDS} } }`;
const READ = `query ($id: ID!) { generation(id: $id) { ${FIELDS} } }`;
const CANCEL = `mutation ($id: ID!) { cancelGeneration(id: $id) { ${FIELDS} } }`;
const DELETE = 'mutation ($id: ID!) { deleteGeneration(id: $id) }';
const inputOf = (key: string) => ({ prompt: key, width: 64, height: 64, steps: 4, idempotencyKey: key });

async function create(key: string, { world, alice }: Real): Promise<Seen> {
  const { data, errors } = await world.ask(alice, CREATE, { input: inputOf(key) });
  expect(errors).toBeUndefined();
  return data.createGeneration;
}

async function look(known: Known, { world, alice }: Real): Promise<Seen> {
  const { data, errors } = await world.ask(alice, READ, { id: known.id });
  expect(errors).toBeUndefined();
  expectLater(known.last, data.generation);
  known.last = data.generation;
  return known.last;
}

const commands = (key: string, nth: number): Command[] => [
  command(`create(${key})`, async (model, real) => {
    const seen = await create(key, real);
    model.generations.push({ key, id: seen.id, wish: 'picture', last: seen, losses: 0, watchings: [] });
  }),
  onOne('create again', nth, async (known, real) => {
    const seen = await create(known.key, real);
    expect(seen.id).toBe(known.id);
    expectLater(known.last, seen);
  }),
  onOne('read', nth, async (known, real) => void (await look(known, real))),
  onOne('cancel', nth, async (known, real) => {
    const { data, errors } = await real.world.ask(real.alice, CANCEL, { id: known.id });
    expect(errors).toBeUndefined();
    expectLater(known.last, data.cancelGeneration);
    expect(['PENDING', 'PROCESSING']).not.toContain(data.cancelGeneration.status);
    known.last = data.cancelGeneration;
    known.wish = 'stop';
  }),
  onOne('delete', nth, async (known, real) => {
    const { data, errors } = await real.world.ask(real.alice, DELETE, { id: known.id });
    // Asked for again after the answer was lost, it is gone already.
    if (errors) expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
    else expect(data.deleteGeneration).toBe(known.id);
    known.wish = 'nothing';
  }),
  onOne('watch', nth, async (known, { world, alice }) => void known.watchings.push(world.watch(alice, known.id))),
  onOne('leave', nth, async (known) => known.watchings.pop()?.leave()),
  onOne('act as somebody else', nth, async (known, { world, bob }) => {
    for (const document of [READ, CANCEL, DELETE]) {
      const { data, errors } = await world.ask(bob, document, { id: known.id });
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
    }
  }),
  command(`kill -9 ${nth % 2}`, (_, { world }) => world.kill(nth % 2, 'SIGKILL')),
  command(`SIGTERM ${nth % 2}`, (_, { world }) => world.kill(nth % 2, 'SIGTERM')),
  command('restart ComfyUI', async (model, { world }) => {
    await world.restartComfyUI();
    for (const known of model.generations) known.losses += 1;
  }),
  command('lose the sockets', (_, { world }) => world.simulator.at('message', 'drop-sockets')),
  command(
    'hold',
    async (model, { world }) => {
      await world.simulator.hold();
      model.isHeld = true;
    },
    ({ isHeld }) => !isHeld,
  ),
  command(
    'release',
    async (model, { world }) => {
      await world.simulator.release();
      model.isHeld = false;
    },
    ({ isHeld }) => isHeld,
  ),
  command('wait for quiet', settle),
];

/** In this mixture; everything else follows from the numbers that are drawn. */
const WEIGHTS = [8, 3, 4, 4, 2, 5, 2, 2, 2, 1, 1, 1, 2, 2, 1];

export const arbitraryCommands: fc.Arbitrary<Command>[] = WEIGHTS.flatMap((weight, kind) =>
  Array.from({ length: weight }, () =>
    fc.tuple(fc.uuid(), fc.nat(1_000)).map(([key, nth]) => commands(key, nth)[kind] as Command),
  ),
);

/** All that was broken is whole again, and everything ends; then it must be what was wanted of it. */
export async function settle(model: Model, real: Real): Promise<void> {
  const { world, alice } = real;
  await world.simulatorIsThere();
  await world.simulator.release();
  model.isHeld = false;
  await world.isWhole();
  for (const known of model.generations) {
    if (known.wish === 'nothing') {
      const { errors } = await world.ask(alice, READ, { id: known.id });
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    } else {
      await until(async () => isFinal(await look(known, real)), `generation ${known.id} to end`);
      await expectWanted(known, real);
    }
    for (const watching of known.watchings) await expectTold(known, watching);
  }
}

async function expectWanted({ wish, last, losses }: Known, { world }: Real): Promise<void> {
  const possible = wish === 'stop' ? ['CANCELED', 'COMPLETED', 'FAILED'] : ['COMPLETED', 'FAILED'];
  expect(possible).toContain(last.status);
  if (last.status === 'FAILED') {
    expect(last.failure?.code).toBe('BACKEND_LOST');
    expect(losses).toBeGreaterThanOrEqual(MAX_ATTEMPTS);
  }
  expect(last.result === null).toBe(last.status !== 'COMPLETED');
  expect(last.attempt).toBeLessThanOrEqual(losses + 1);
  for (const { url, byteSize } of last.result?.images ?? []) expect(await world.fetchPicture(url)).toBe(byteSize);
}

async function expectTold({ wish, last }: Known, watching: Watching): Promise<void> {
  await until(() => watching.ended, 'a stream to complete');
  // Deleted between two connections, there is nothing to subscribe to any more.
  if (wish !== 'nothing') expect(watching.error).toBeUndefined();
  for (const [nth, seen] of watching.seen.entries()) {
    const before = watching.seen[nth - 1];
    if (before) expectLater(before, seen);
  }
  if (wish !== 'nothing') expect(watching.seen.at(-1)).toMatchObject({ status: last.status, revision: last.revision });
}
