/** Transitions of a generation, on a real row: in any order and concurrently, only allowed moves happen. */
import { randomUUID } from 'node:crypto';
import type { MikroORM } from '@mikro-orm/postgresql';
import fc from 'fast-check';
import { type Failure, FailureCode } from '../../src/generations/failure.js';
import { GenerationStatus, isFinal, next } from '../../src/generations/status.js';
import * as transitions from '../../src/generations/transitions.js';
import { openDatabase } from '../../src/orm.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let orm: MikroORM;
const user = randomUUID();

/** Every change of a row, recorded by a trigger. */
const AUDIT = `
  create table moves (number serial, id uuid, before jsonb, after jsonb);
  create function note() returns trigger language plpgsql as $$ begin
    insert into moves (id, before, after) values (old.id, to_jsonb(old), to_jsonb(new)); return null; end $$;
  create trigger moves after update on generations for each row execute function note();`;

beforeAll(async () => {
  database = await createDatabase();
  orm = await openDatabase(database.url);
  const em = orm.em.fork();
  await em.execute(AUDIT);
  await em.execute(`insert into users (id, email, password_hash) values (?, 'a@example.com', '')`, [user]);
});
afterAll(async () => {
  await orm.close();
  await database.drop();
});

type Row = {
  status: GenerationStatus;
  revision: number;
  fence: number;
  attempt: number;
  waiting: boolean;
  completed_at: string | null;
  started_at: string | null;
  deleted_at: string | null;
  failure: Failure | null;
};

const insert = async (status = GenerationStatus.PENDING): Promise<string> => {
  const id = randomUUID();
  await orm.em.fork().execute(
    `insert into generations (id, user_id, prompt, negative_prompt, workflow_name, workflow_version, parameters, status, waiting,
       completed_at, created_at)
     values (?, ?, '', '', 'text-to-image', 1, '{}', ?, ?, case when ? then now() end, now() - interval '1 hour')`,
    [id, user, status, status === GenerationStatus.PENDING, isFinal(status)],
  );
  return id;
};

const failure: Failure = { code: FailureCode.INTERNAL, message: 'It broke', retryable: false };

const NOTHING = { blobs: [], images: [], files: [], texts: [], problems: [], kinds: 0, executedMs: undefined };

/** A job whose prompt is not in the database. */
const jobOf = (id: string, fence: number) => ({ id, fence, promptId: id });

/** The moves of a job's holder, of the user and of a sweep, and the claim before them. `stale` is a holder that has lost the job. */
const acts = {
  claim: (id: string) =>
    orm.em
      .fork()
      .execute(`update generations set waiting = false, fence = fence + 1 where id = ? and waiting returning id`, [id]),
  accept: (id: string, fence: number) => transitions.advance(orm.em.fork(), jobOf(id, fence), 1, false),
  acceptAgain: (id: string, fence: number) => transitions.advance(orm.em.fork(), jobOf(id, fence), 2, false),
  start: (id: string, fence: number) => transitions.advance(orm.em.fork(), jobOf(id, fence), 1, true),
  complete: (id: string, fence: number) =>
    transitions.complete(orm.em.fork(), jobOf(id, fence), { id: randomUUID(), ...NOTHING }),
  fail: (id: string, fence: number) => transitions.fail(orm.em.fork(), jobOf(id, fence), failure),
  cancel: (id: string, fence: number) => transitions.cancel(orm.em.fork(), jobOf(id, fence)),
  requeue: (id: string, fence: number) => transitions.requeue(orm.em.fork(), jobOf(id, fence), { delayMs: 10 }),
  requestCancel: async (id: string) => (await transitions.requestCancel(orm.em.fork(), [id])).length > 0,
  markDeleted: async (id: string) => (await transitions.markDeleted(orm.em.fork(), [id])).length > 0,
  failOverdue: () => transitions.failOverdue(orm.em.fork(), 60),
};
type Act = keyof typeof acts;
const HOLDERS_ACTS: Act[] = ['accept', 'acceptAgain', 'start', 'complete', 'fail', 'cancel', 'requeue'];

const read = async (id: string): Promise<Row> => {
  const [row] = await orm.em
    .fork()
    .execute<{ row: Row }[]>(`select to_jsonb(g) as row from generations g where id = ?`, [id]);
  if (!row) throw new Error('The row is gone');
  return row.row;
};

const movesOf = (id: string): Promise<{ before: Row; after: Row }[]> =>
  orm.em.fork().execute(`select before, after from moves where id = ? order by number`, [id]);

function expectTrue(row: Row): void {
  const final = isFinal(row.status);
  expect(row.completed_at !== null).toBe(final);
  expect(row.failure !== null).toBe(row.status === GenerationStatus.FAILED);
  if (row.waiting) expect([GenerationStatus.PENDING, GenerationStatus.PROCESSING]).toContain(row.status);
}

async function expectTrueMoves(id: string): Promise<void> {
  const moves = await movesOf(id);
  for (const { before, after } of moves) {
    expectTrue(after);
    if (after.status !== before.status) expect(next[before.status]).toContain(after.status);
    if (isFinal(before.status)) {
      // A final generation can only be deleted.
      const { deleted_at, revision, updated_at, changed_in, ...rest } = after as Row &
        Record<'updated_at' | 'changed_in', string>;
      expect({ ...before, ...rest }).toEqual(before);
    }
    const isClaim = after.fence > before.fence;
    expect(after.revision).toBe(before.revision + (isClaim ? 0 : 1));
    if (before.deleted_at !== null) expect(after.deleted_at).toBe(before.deleted_at);
  }
  const last = moves.at(-1);
  if (last) expect(await read(id)).toEqual(last.after);
}

const ALL = Object.keys(acts) as Act[];
const act = fc.record({ name: fc.constantFrom(...ALL), isStale: fc.boolean() });

test('any sequence of moves follows the statuses, and a stale holder moves nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (sequence) => {
      const id = await insert();
      for (const { name, isStale } of sequence) {
        const before = await read(id);
        const fence = isStale ? before.fence - 1 : before.fence;
        await acts[name](id, fence);
        const after = await read(id);
        if (isStale && HOLDERS_ACTS.includes(name)) expect(after).toEqual(before);
      }
      await expectTrueMoves(id);
    }),
    { numRuns: 60 },
  );
});

test('one of two concurrent moves wins', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 2, maxLength: 10 }), fc.nat({ max: 3 }), async (racing, steps) => {
      const id = await insert();
      for (const name of ['claim', 'accept', 'start'].slice(0, steps) as Act[]) await acts[name](id, 1);
      const { fence } = await read(id);
      await Promise.all(racing.map(({ name, isStale }) => acts[name](id, isStale ? fence - 1 : fence)));
      await expectTrueMoves(id);
      const ends = (await movesOf(id)).filter(({ before, after }) => !isFinal(before.status) && isFinal(after.status));
      expect(ends.length).toBe(isFinal((await read(id)).status) ? 1 : 0);
    }),
    { numRuns: 60 },
  );
});

test.each([GenerationStatus.COMPLETED, GenerationStatus.FAILED, GenerationStatus.CANCELED])(
  '%s is final: nothing but a deletion changes it',
  async (status) => {
    const id = await insert(status);
    const before = await read(id);
    for (const name of ALL.filter((name) => name !== 'markDeleted')) await acts[name](id, 0);
    expect(await read(id)).toEqual(before);
    expect(await acts.markDeleted(id)).toBe(true);
    expect(await acts.markDeleted(id)).toBe(false);
    expect(await read(id)).toMatchObject({ status, completed_at: before.completed_at });
  },
);

test('a generation whose cancel was requested is CANCELED when its prompt is lost', async () => {
  const id = await insert();
  await acts.claim(id);
  await acts.accept(id, 1);
  await acts.requestCancel(id);
  expect(await acts.requeue(id, 1)).toMatchObject({ status: 'CANCELED', isEnded: true });
  expect(await read(id)).toMatchObject({ status: 'CANCELED', waiting: false });
});

test('an unfinished generation is waiting or has a holder', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...ALL), { maxLength: 12 }), async (sequence) => {
      const id = await insert();
      // As in the runner, the transaction that ends or loses a prompt frees its slot.
      let isHeld = false;
      for (const name of sequence) {
        const { fence } = await read(id);
        if (HOLDERS_ACTS.includes(name) && !isHeld) continue;
        const before = await read(id);
        // Only a prompt that a backend has accepted has a result.
        if (name === 'complete' && before.status === 'PENDING') continue;
        await acts[name](id, fence);
        const after = await read(id);
        if (name === 'claim') isHeld = isHeld || after.fence > before.fence;
        if (['complete', 'fail', 'cancel', 'requeue'].includes(name)) isHeld = false;
        expect(isFinal(after.status) || after.waiting || isHeld).toBe(true);
      }
    }),
    { numRuns: 60 },
  );
});
