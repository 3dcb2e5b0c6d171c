/** The verdict on a chaos run detects every kind of violation. */
import type { JournalEvent, JournalLine } from '../../src/simulator/index.js';
import type { BackendFeature } from './backend-features.js';
import type { Creation, User } from './creation.js';
import type { ShownGeneration } from './records.js';
import { type Evidence, verdictOn } from './verdict.js';

const user = { id: 'alice' } as User;
const requested: Creation = {
  user,
  prompt: 'a picture',
  images: 1,
  fails: false,
  feature: undefined,
  id: 'generation',
  unanswered: 0,
  cancelRequested: false,
  deleteRequested: false,
  isDeleted: false,
};
const completed: ShownGeneration = {
  id: 'generation',
  prompt: 'a picture',
  status: 'COMPLETED',
  attempt: 1,
  revision: 3,
  failure: null,
  result: { images: [{ id: 'image', url: '/image', byteSize: 1 }] },
};
const RARE: BackendFeature = { input: { model: 'rare' }, env: {} };
const failed = (code: string) => ({ status: 'FAILED', failure: { code, message: 'it failed' }, result: null });

/** Parses events such as `up` and `executed first`, one per millisecond. */
const journal = (backend: string, events: string[], from = 0) => ({
  backend,
  lines: events.map((line, index): JournalLine => {
    const [event, promptId] = line.split(' ') as [JournalEvent, string?];
    return { at: from + index, event, ...(promptId !== undefined && { promptId }) };
  }),
});

type Story = {
  creation?: Partial<Creation>;
  shown?: Partial<ShownGeneration> | null;
  others?: Partial<ShownGeneration>[];
  events?: string[];
  elsewhere?: string[];
} & Partial<Pick<Evidence, 'freezes' | 'deaths' | 'failures' | 'strangers' | 'isTakenBack' | 'isRetried'>>;

/** Kinds of violations for a generation with two prompts: `first` on one backend, `second` on the same or another. */
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
    creations: [{ ...requested, ...creation }],
    records: {
      shown: new Map([[user, all]]),
      journals: [journal('a', events), journal('b', elsewhere ?? [], 50)],
      prompts: [at('first', 'a'), at('second', elsewhere ? 'b' : 'a')],
      adopted: 0,
      strays: [],
    },
    freezes: [],
    deaths: [],
    unarmed: new Map(),
    failures: new Map(),
    features: new Map([['a', [RARE]]]),
    strangers: new Set(),
    isTakenBack: () => false,
    isRetried: () => false,
    ...rest,
  };
  return [...new Set(verdictOn(evidence).violations.map(({ kind }) => kind))];
}

test('requested outcomes are no violations', () => {
  expect(kindsOf({})).toEqual([]);
  expect(kindsOf({ creation: { cancelRequested: true }, shown: { status: 'CANCELED', result: null } })).toEqual([]);
  expect(kindsOf({ creation: { fails: true }, shown: failed('EXECUTION_ERROR') })).toEqual([]);
  expect(kindsOf({ creation: { deleteRequested: true, isDeleted: true }, shown: null })).toEqual([]);
});

test.each<[string, Story, string]>([
  ['an acknowledged generation does not exist', { shown: null }, 'lost'],
  ['a generation never ends', { shown: { status: 'PROCESSING', result: null } }, 'stuck'],
  ['it is canceled without a request', { shown: { status: 'CANCELED', result: null } }, 'wrong'],
  ['it still exists after its deletion', { creation: { deleteRequested: true, isDeleted: true } }, 'wrong'],
  ['it is complete without a result', { shown: { result: null } }, 'wrong'],
  ['a picture is missing', { creation: { images: 2 } }, 'wrong'],
  ['it has a picture too many', { creation: { images: 0 } }, 'doubled'],
  ['it was created twice', { others: [{ id: 'another' }] }, 'doubled'],
  ['it is complete although its node fails', { creation: { fails: true } }, 'wrong'],
  ['it fails without a reason', { shown: failed('EXECUTION_ERROR') }, 'wrong'],
  [
    'it fails with INVALID_WORKFLOW although one backend has the feature',
    { creation: { feature: RARE }, shown: failed('INVALID_WORKFLOW') },
    'wrong',
  ],
  [
    'it runs on a backend without the feature',
    { creation: { feature: RARE }, events: ['up'], elsewhere: ['up', 'executed second'] },
    'wrong',
  ],
  [
    'a foreign prompt is deleted',
    { events: ['up', 'received stranger', 'deleted stranger'], strangers: new Set(['stranger']) },
    'others',
  ],
  ['it fails with INTERNAL', { shown: failed('INTERNAL') }, 'wrong'],
  ['it is given up after one loss', { shown: failed('BACKEND_LOST'), events: ['up', 'received first'] }, 'wrong'],
  ['no user requested it', { others: [{ id: 'another', prompt: 'something else' }] }, 'others'],
  ['a backend gets an interrupt without a prompt id', { events: ['up', 'executed first', 'interrupt'] }, 'others'],
  ['a prompt has no row', { events: ['up', 'received stranger'] }, 'others'],
])('a violation is found when %s', (_, story, kind) => {
  expect(kindsOf(story)).toEqual([kind]);
});

test('INTERNAL is allowed only after five kills of servers during the job', () => {
  const shown = failed('INTERNAL');
  expect(kindsOf({ shown, deaths: [10, 20, 30, 40, 500] })).toEqual(['wrong']);
  expect(kindsOf({ shown, deaths: [10, 20, 30, 40, 50] })).toEqual([]);
});

test('a second execution is a violation unless its backend restarted', () => {
  expect(kindsOf({ events: ['up', 'executed first', 'executed first'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first', 'executed second'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first'], elsewhere: ['up', 'executed second'] })).toEqual(['run twice']);
  expect(kindsOf({ events: ['up', 'executed first', 'down', 'up', 'executed second'] })).toEqual([]);
  // A killed backend writes no `down`.
  expect(kindsOf({ events: ['up', 'executed first', 'up', 'executed first'] })).toEqual([]);
  expect(kindsOf({ events: ['up', 'executed first', 'down'], elsewhere: ['up', 'executed second'] })).toEqual([]);
});

test('a failed prompt may be executed again by another backend, by the same only if a server decided so', () => {
  const failedOnce = ['up', 'executed first', 'failed first'];
  expect(kindsOf({ events: failedOnce, elsewhere: ['up', 'executed second'] })).toEqual([]);
  const again = [...failedOnce, 'executed second'];
  expect(kindsOf({ events: again })).toEqual(['run twice']);
  expect(kindsOf({ events: again, isRetried: (promptId) => promptId === 'first' })).toEqual([]);
  expect(kindsOf({ events: ['up', 'executed first', 'executed second'], isRetried: () => true })).toEqual([
    'run twice',
  ]);
});

test('a second execution around a freeze must be stopped', () => {
  const events = ['up', 'executed first', 'succeeded first', 'executed first', 'succeeded first'];
  const freezes = [{ from: 2, to: 3 }];
  expect(kindsOf({ events, freezes })).toEqual(['run twice']);
  expect(kindsOf({ events, freezes, isTakenBack: () => true })).toEqual([]);
  expect(kindsOf({ events: [...events.slice(0, 4), 'interrupted first'], freezes })).toEqual([]);
  expect(kindsOf({ events: [...events.slice(0, 4), 'interrupted first'] })).toEqual(['run twice']);
});

test('a backend that fails every prompt allows three attempts and the failure after them', () => {
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

test('a foreign prompt alone is no violation', () => {
  expect(
    kindsOf({ events: ['up', 'received stranger', 'executed stranger', 'up'], strangers: new Set(['stranger']) }),
  ).toEqual([]);
});
