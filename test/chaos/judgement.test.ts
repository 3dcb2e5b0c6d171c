/** The judge of a chaos run can find what it is there to find. */
import type { JournalEvent, JournalLine } from '../../src/simulator/index.js';
import type { Creation, User } from './creation.js';
import { type Evidence, judge } from './judge.js';
import type { Rarity } from './rarities.js';
import type { Shown } from './records.js';

const user = { id: 'alice' } as User;
const asked: Creation = {
  user,
  prompt: 'a picture',
  images: 1,
  fails: false,
  rarity: undefined,
  id: 'generation',
  unanswered: 0,
  cancelAsked: false,
  deleteAsked: false,
  isDeleted: false,
};
const completed: Shown = {
  id: 'generation',
  prompt: 'a picture',
  status: 'COMPLETED',
  attempt: 1,
  revision: 3,
  failure: null,
  result: { images: [{ id: 'image', url: '/image', byteSize: 1 }] },
};
const RARE: Rarity = { input: { model: 'rare' }, env: {} };
const failed = (code: string) => ({ status: 'FAILED', failure: { code, message: 'it failed' }, result: null });

/** `up`, or `executed first`: one each millisecond. */
const book = (backend: string, events: string[], from = 0) => ({
  backend,
  lines: events.map((line, index): JournalLine => {
    const [event, promptId] = line.split(' ') as [JournalEvent, string?];
    return { at: from + index, event, ...(promptId !== undefined && { promptId }) };
  }),
});

type Story = {
  creation?: Partial<Creation>;
  shown?: Partial<Shown> | null;
  others?: Partial<Shown>[];
  events?: string[];
  elsewhere?: string[];
} & Partial<Pick<Evidence, 'freezes' | 'deaths' | 'failures' | 'strangers' | 'isTakenBack'>>;

/** Two prompts of one generation, `first` on one backend and `second` on the same or another. */
function kindsOf({ creation, shown, others = [], events = ['up', 'executed first'], elsewhere, ...rest }: Story) {
  const all = [
    ...(shown === null ? [] : [{ ...completed, ...shown }]),
    ...others.map((each) => ({ ...completed, ...each })),
  ];
  const at = (id: string, backend: string) => ({
    id,
    generationId: 'generation',
    backend,
    attempt: 1,
    createdAt: 0,
    endedAt: 100,
  });
  const evidence: Evidence = {
    creations: [{ ...asked, ...creation }],
    records: {
      shown: new Map([[user, all]]),
      books: [book('a', events), book('b', elsewhere ?? [], 50)],
      prompts: [at('first', 'a'), at('second', elsewhere ? 'b' : 'a')],
      adopted: 0,
      files: new Map(),
    },
    freezes: [],
    deaths: [],
    gaps: new Map(),
    failures: new Map(),
    rarities: new Map([['a', [RARE]]]),
    strangers: new Set(),
    isTakenBack: () => false,
    ...rest,
  };
  return [...new Set(judge(evidence).violations.map(({ kind }) => kind))];
}

test('what is as it was asked for breaks nothing', () => {
  expect(kindsOf({})).toEqual([]);
  expect(kindsOf({ creation: { cancelAsked: true }, shown: { status: 'CANCELED', result: null } })).toEqual([]);
  expect(kindsOf({ creation: { fails: true }, shown: failed('EXECUTION_ERROR') })).toEqual([]);
  expect(kindsOf({ creation: { deleteAsked: true, isDeleted: true }, shown: null })).toEqual([]);
});

test.each<[string, Story, string]>([
  ['an acknowledged one is not there', { shown: null }, 'lost'],
  ['it never ends', { shown: { status: 'PROCESSING', result: null } }, 'stuck'],
  ['it is canceled unasked', { shown: { status: 'CANCELED', result: null } }, 'wrong'],
  ['it is deleted and there', { creation: { deleteAsked: true, isDeleted: true } }, 'wrong'],
  ['it is complete without a result', { shown: { result: null } }, 'wrong'],
  ['a picture is missing', { creation: { images: 2 } }, 'wrong'],
  ['there is a picture too many', { creation: { images: 0 } }, 'doubled'],
  ['it was made twice', { others: [{ id: 'another' }] }, 'doubled'],
  ['its node fails, and it is complete', { creation: { fails: true } }, 'wrong'],
  ['it fails without a reason', { shown: failed('EXECUTION_ERROR') }, 'wrong'],
  [
    'it ends INVALID_WORKFLOW, for one backend lacks what another has',
    { creation: { rarity: RARE }, shown: failed('INVALID_WORKFLOW') },
    'wrong',
  ],
  [
    'it runs where it cannot',
    { creation: { rarity: RARE }, events: ['up'], elsewhere: ['up', 'executed second'] },
    'wrong',
  ],
  [
    'a stranger’s prompt is taken out',
    { events: ['up', 'received stranger', 'deleted stranger'], strangers: new Set(['stranger']) },
    'others',
  ],
  ['it fails by a fault of the server', { shown: failed('INTERNAL') }, 'wrong'],
  ['it is given up after one loss', { shown: failed('BACKEND_LOST'), events: ['up', 'received first'] }, 'wrong'],
  ['nobody asked for it', { others: [{ id: 'another', prompt: 'something else' }] }, 'others'],
  ['everything was interrupted', { events: ['up', 'executed first', 'interrupt'] }, 'others'],
  ['a prompt is nobody’s', { events: ['up', 'received stranger'] }, 'others'],
])('it is found when %s', (_, story, kind) => {
  expect(kindsOf(story)).toEqual([kind]);
});

test('a fault of the server is no end, unless servers were killed over it again and again', () => {
  const shown = failed('INTERNAL');
  expect(kindsOf({ shown, deaths: [10, 20, 30, 40, 500] })).toEqual(['wrong']);
  expect(kindsOf({ shown, deaths: [10, 20, 30, 40, 50] })).toEqual([]);
});

test('a second execution is one too many unless the first was forgotten', () => {
  expect(kindsOf({ events: ['up', 'executed first', 'executed first'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first', 'executed second'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first'], elsewhere: ['up', 'executed second'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first', 'down', 'up', 'executed second'] })).toEqual([]);
  // One that is killed says nothing as it goes.
  expect(kindsOf({ events: ['up', 'executed first', 'up', 'executed first'] })).toEqual([]);
  expect(kindsOf({ events: ['up', 'executed first', 'down'], elsewhere: ['up', 'executed second'] })).toEqual([]);
});

test('what failed may be executed once more by another backend, and not by the same', () => {
  const failedOnce = ['up', 'executed first', 'failed first'];
  expect(kindsOf({ events: failedOnce, elsewhere: ['up', 'executed second'] })).toEqual([]);
  expect(kindsOf({ events: [...failedOnce, 'executed second'] })).toEqual(['run twice']);
});

test('around a freeze a second execution has to be stopped', () => {
  const events = ['up', 'executed first', 'succeeded first', 'executed first', 'succeeded first'];
  const freezes = [{ from: 2, to: 3 }];
  expect(kindsOf({ events, freezes })).toEqual(['run twice']);
  expect(kindsOf({ events, freezes, isTakenBack: () => true })).toEqual([]);
  expect(kindsOf({ events: [...events.slice(0, 4), 'interrupted first'], freezes })).toEqual([]);
  expect(kindsOf({ events: [...events.slice(0, 4), 'interrupted first'] })).toEqual(['run twice']);
});

test('a backend that fails every prompt explains a failure after three attempts, and each of them', () => {
  const shown = failed('EXECUTION_ERROR');
  const failures = new Map([['a', [{ from: 0 }]]]);
  const attempt = ['executed first', 'failed first'];
  expect(kindsOf({ shown, failures, events: [...attempt, ...attempt, ...attempt] })).toEqual([]);
  expect(kindsOf({ shown, failures, events: [...attempt, ...attempt] })).toEqual(['wrong']);
  expect(kindsOf({ failures, events: [...attempt, 'executed second'] })).toEqual([]);
  expect(kindsOf({ shown, failures: new Map(), events: [...attempt, ...attempt, ...attempt] })).toEqual([
    'wrong',
    'run twice',
  ]);
});

test('a prompt of a stranger is nobody’s fault', () => {
  expect(
    kindsOf({ events: ['up', 'received stranger', 'executed stranger', 'up'], strangers: new Set(['stranger']) }),
  ).toEqual([]);
});
