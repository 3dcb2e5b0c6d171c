/** Actions of users and faults as commands: each changes the model and checks the response. */
import fc from 'fast-check';
import { until } from '../support/until.js';
import { type Cluster, FIELDS, type Snapshot, type Subscription, type User } from './cluster.js';

type KnownGeneration = {
  key: string;
  id: string;
  /** The outcome that its owner requested last. */
  expected: 'picture' | 'stop' | 'nothing';
  last: Snapshot;
  /** How often ComfyUI was restarted since its creation. */
  restarts: number;
  subscriptions: Subscription[];
};

/** The expected state, as the commands so far define it. */
export type Model = { generations: KnownGeneration[]; isHeld: boolean };
export type Real = { cluster: Cluster; alice: User; bob: User };
type Command = fc.AsyncCommand<Model, Real>;

const RANKS = ['PENDING', 'PROCESSING', 'CANCELING', 'final'];
const isFinal = ({ status }: Snapshot): boolean => !RANKS.includes(status);
const rank = (seen: Snapshot): number => RANKS.indexOf(isFinal(seen) ? 'final' : seen.status);
/** How often a server sends a prompt, including the first time. */
const MAX_ATTEMPTS = 3;

/** Checks that `after` is a valid later state of `before`. */
export function expectSuccessor(before: Snapshot, after: Snapshot): void {
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

/** A command on one generation that is not deleted; `nth` selects it. */
const onOne = (
  name: string,
  nth: number,
  act: (known: KnownGeneration, real: Real, model: Model) => Promise<void>,
): Command => {
  const pick = ({ generations }: Readonly<Model>) => generations.filter(({ expected }) => expected !== 'nothing');
  return command(
    `${name}(${nth})`,
    async (model, real) => {
      const there = pick(model);
      await act(there[nth % there.length] as KnownGeneration, real, model);
    },
    (model) => pick(model).length > 0,
  );
};

const CREATE = `mutation ($input: CreateGenerationInput!) { createGeneration(input: $input) { ${FIELDS} } }`;
const READ = `query ($id: ID!) { generation(id: $id) { ${FIELDS} } }`;
const CANCEL = `mutation ($id: ID!) { cancelGeneration(id: $id) { ${FIELDS} } }`;
const DELETE = 'mutation ($id: ID!) { deleteGeneration(id: $id) }';
const inputOf = (key: string) => ({ prompt: key, width: 64, height: 64, steps: 4, idempotencyKey: key });

async function create(key: string, { cluster, alice }: Real): Promise<Snapshot> {
  const { data, errors } = await cluster.ask(alice, CREATE, { input: inputOf(key) });
  expect(errors).toBeUndefined();
  return data.createGeneration;
}

async function read(known: KnownGeneration, { cluster, alice }: Real): Promise<Snapshot> {
  const { data, errors } = await cluster.ask(alice, READ, { id: known.id });
  expect(errors).toBeUndefined();
  expectSuccessor(known.last, data.generation);
  known.last = data.generation;
  return known.last;
}

const commands = (key: string, nth: number): Command[] => [
  command(`create(${key})`, async (model, real) => {
    const seen = await create(key, real);
    model.generations.push({ key, id: seen.id, expected: 'picture', last: seen, restarts: 0, subscriptions: [] });
  }),
  onOne('create again', nth, async (known, real) => {
    const seen = await create(known.key, real);
    expect(seen.id).toBe(known.id);
    expectSuccessor(known.last, seen);
  }),
  onOne('read', nth, async (known, real) => void (await read(known, real))),
  onOne('cancel', nth, async (known, real) => {
    const { data, errors } = await real.cluster.ask(real.alice, CANCEL, { id: known.id });
    expect(errors).toBeUndefined();
    expectSuccessor(known.last, data.cancelGeneration);
    expect(['PENDING', 'PROCESSING']).not.toContain(data.cancelGeneration.status);
    known.last = data.cancelGeneration;
    known.expected = 'stop';
  }),
  onOne('delete', nth, async (known, real) => {
    const { data, errors } = await real.cluster.ask(real.alice, DELETE, { id: known.id });
    // A retry after a lost response finds it deleted.
    if (errors) expect(errors[0]?.extensions.code).toBe('NOT_FOUND');
    else expect(data.deleteGeneration).toBe(known.id);
    known.expected = 'nothing';
  }),
  onOne(
    'watch',
    nth,
    async (known, { cluster, alice }) => void known.subscriptions.push(cluster.watch(alice, known.id)),
  ),
  onOne('leave', nth, async (known) => known.subscriptions.pop()?.leave()),
  onOne('act as another user', nth, async (known, { cluster, bob }) => {
    for (const document of [READ, CANCEL, DELETE]) {
      const { data, errors } = await cluster.ask(bob, document, { id: known.id });
      expect(errors?.[0]?.extensions.code).toBe('FORBIDDEN');
      expect(Object.values(data ?? {}).every((value) => value === null)).toBe(true);
    }
  }),
  command(`kill -9 ${nth % 2}`, (_, { cluster }) => cluster.kill(nth % 2, 'SIGKILL')),
  command(`SIGTERM ${nth % 2}`, (_, { cluster }) => cluster.kill(nth % 2, 'SIGTERM')),
  command('restart ComfyUI', async (model, { cluster }) => {
    await cluster.restartComfyUI();
    for (const known of model.generations) known.restarts += 1;
  }),
  command('lose the sockets', (_, { cluster }) => cluster.simulator.at('message', 'drop-sockets')),
  command(
    'hold',
    async (model, { cluster }) => {
      await cluster.simulator.hold();
      model.isHeld = true;
    },
    ({ isHeld }) => !isHeld,
  ),
  command(
    'release',
    async (model, { cluster }) => {
      await cluster.simulator.release();
      model.isHeld = false;
    },
    ({ isHeld }) => isHeld,
  ),
  command('wait for quiet', settle),
];

/** Relative frequency of each command, in the order of `commands`. */
const WEIGHTS = [8, 3, 4, 4, 2, 5, 2, 2, 2, 1, 1, 1, 2, 2, 1];

export const arbitraryCommands: fc.Arbitrary<Command>[] = WEIGHTS.flatMap((weight, kind) =>
  Array.from({ length: weight }, () =>
    fc.tuple(fc.uuid(), fc.nat(1_000)).map(([key, nth]) => commands(key, nth)[kind] as Command),
  ),
);

/** Repairs everything, waits until all generations end, and checks their outcomes. */
export async function settle(model: Model, real: Real): Promise<void> {
  const { cluster, alice } = real;
  await cluster.waitForSimulator();
  await cluster.simulator.release();
  model.isHeld = false;
  await cluster.waitForServers();
  for (const known of model.generations) {
    if (known.expected === 'nothing') {
      const { errors } = await cluster.ask(alice, READ, { id: known.id });
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND');
    } else {
      await until(async () => isFinal(await read(known, real)), `generation ${known.id} to end`);
      await expectOutcome(known, real);
    }
    for (const subscription of known.subscriptions) await expectStream(known, subscription);
  }
}

async function expectOutcome({ expected, last, restarts }: KnownGeneration, { cluster }: Real): Promise<void> {
  const possible = expected === 'stop' ? ['CANCELED', 'COMPLETED', 'FAILED'] : ['COMPLETED', 'FAILED'];
  expect(possible).toContain(last.status);
  if (last.status === 'FAILED') {
    expect(last.failure?.code).toBe('BACKEND_LOST');
    expect(restarts).toBeGreaterThanOrEqual(MAX_ATTEMPTS);
  }
  expect(last.result === null).toBe(last.status !== 'COMPLETED');
  expect(last.attempt).toBeLessThanOrEqual(restarts + 1);
  for (const { url, byteSize } of last.result?.images ?? []) expect(await cluster.fetchPicture(url)).toBe(byteSize);
}

async function expectStream({ expected, last }: KnownGeneration, subscription: Subscription): Promise<void> {
  await until(() => subscription.ended, 'a stream to complete');
  // A deletion between two connections leaves nothing to subscribe to.
  if (expected !== 'nothing') expect(subscription.error).toBeUndefined();
  for (const [nth, seen] of subscription.seen.entries()) {
    const before = subscription.seen[nth - 1];
    if (before) expectSuccessor(before, seen);
  }
  if (expected !== 'nothing')
    expect(subscription.seen.at(-1)).toMatchObject({ status: last.status, revision: last.revision });
}
