import fc from 'fast-check';
import {
  type Graph,
  initialProgress,
  type PromptProgress,
  parseMessage,
  reduce,
  type SocketMessage,
} from '../../../src/comfyui/index.js';
import { promptIdIn, recordings } from '../recordings.js';

const promptId = '6055c25e-040c-4807-85f9-78b352e8a7c2';

const graph: Graph = {
  '4': { class_type: 'CheckpointLoaderSimple', inputs: { ckpt_name: 'a.safetensors' } },
  '3': { class_type: 'KSampler', inputs: { model: ['4', 0], steps: 18 }, _meta: { title: 'Dream' } },
  '9': { class_type: 'SaveImage', inputs: { images: ['3', 0] } },
};

const play = (progress: PromptProgress, messages: SocketMessage[]) => messages.reduce(reduce, progress);

const state = (nodes: Record<string, [value: number, max: number, state?: string]>, prompt_id = promptId) =>
  message('progress_state', {
    prompt_id,
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([node_id, [value, max, state = 'running']]) => [
        node_id,
        {
          value,
          max,
          state,
          node_id,
          prompt_id,
          display_node_id: node_id.split('.')[0],
          parent_node_id: null,
          real_node_id: node_id,
        },
      ]),
    ),
  });

function message(type: string, data: object): SocketMessage {
  const read = parseMessage({ type, data: { prompt_id: promptId, ...data } });
  if (!read) throw new Error(`${type} is not understood`);
  return read;
}

test('the weight of a sampler is its steps, and of every other node one', () => {
  const half = play(initialProgress(graph), [state({ '4': [1, 1, 'finished'], '3': [9, 18] })]);
  expect(half.fraction).toBeCloseTo((1 + 9) / 20);
  expect(half).toMatchObject({ nodesDone: 1, nodesTotal: 3, step: 9, totalSteps: 18 });
});

test('the steps of a scheduler count for the sampler that takes its sigmas', () => {
  const flux: Graph = {
    '17': { class_type: 'BasicScheduler', inputs: { scheduler: 'simple', steps: 8, denoise: 1 } },
    '18': { class_type: 'SplitSigmas', inputs: { sigmas: ['17', 0], step: 4 } },
    '13': { class_type: 'SamplerCustomAdvanced', inputs: { sigmas: ['18', 0], latent_image: ['27', 0] } },
    '27': { class_type: 'EmptySD3LatentImage', inputs: {} },
  };
  const { plan } = initialProgress(flux);
  expect(Object.fromEntries(Object.entries(plan).map(([id, { weight }]) => [id, weight]))).toEqual({
    '13': 8,
    '17': 1,
    '18': 1,
    '27': 1,
  });
});

test('cached nodes are not counted', () => {
  const progress = play(initialProgress(graph), [
    message('execution_cached', { nodes: ['4', '3', 'not in the graph'] }),
  ]);
  expect(progress).toMatchObject({ fraction: 0, nodesDone: 0, nodesTotal: 1 });
});

test('the running node has its title, or else its class, as its name', () => {
  const titled = play(initialProgress(graph), [message('executing', { node: '3', display_node: '3' })]);
  expect(titled).toMatchObject({ node: 'Dream', nodeId: '3' });
  expect(play(titled, [message('executing', { node: '9', display_node: '9' })])).toMatchObject({
    node: 'SaveImage',
    nodeId: '9',
  });
});

test('the step is removed when the next node does not count steps', () => {
  const sampling = play(initialProgress(graph), [message('progress', { node: '3', value: 2, max: 18 })]);
  expect(sampling).toMatchObject({ step: 2, totalSteps: 18 });
  const saving = play(sampling, [message('executing', { node: '9' })]);
  expect(saving).not.toHaveProperty('step');
  expect(saving).not.toHaveProperty('totalSteps');
});

test('an expanding node counts as one, and advances with its expanded nodes', () => {
  const started = play(initialProgress(graph), [
    state({ '3': [0, 1], '3.0.0.1': [1, 1, 'finished'], '3.0.0.2': [0, 1] }),
  ]);
  expect(started).toMatchObject({ nodesDone: 0, nodesTotal: 3, nodeId: '3' });
  expect(started.fraction).toBeCloseTo(18 / 3 / 20);
  expect(play(started, [state({ '3': [1, 1, 'finished'] })])).toMatchObject({ nodesDone: 1, fraction: 18 / 20 });
});

test('on a server without progress_state a node is done when the next one starts', () => {
  const second = play(initialProgress(graph), [
    message('executing', { node: '4' }),
    message('executing', { node: '3' }),
    message('progress', { node: '3', value: 9, max: 18 }),
  ]);
  expect(second).toMatchObject({ nodesDone: 1, step: 9 });
  expect(second.fraction).toBeCloseTo(10 / 20);
  const saved = play(second, [message('executing', { node: '9' }), message('executed', { node: '9', output: null })]);
  expect(saved).toMatchObject({ nodesDone: 3, nodesTotal: 3, fraction: 0.999 });
});

test('messages about other prompts, about no prompt, and about ends change nothing', () => {
  const before = initialProgress(graph, undefined, promptId);
  const others = [
    state({ '3': [9, 18] }, 'a strangers prompt'),
    { type: 'status', data: { status: { exec_info: { queue_remaining: 1 } } } } as const,
    { type: 'executing', data: { node: '3' } } as const,
    message('executing', { node: null }),
    message('execution_success', {}),
    state({ 'not in the graph': [1, 1] }),
  ];
  expect(others.slice(0, 5).every((other) => reduce(before, other) === before)).toBe(true);
  expect(play(before, others)).toMatchObject({ fraction: 0, nodesDone: 0 });
});

test('the same message twice changes nothing the second time', () => {
  const once = play(initialProgress(graph), [state({ '3': [9, 18] })]);
  expect(reduce(once, state({ '3': [9, 18] }))).toBe(once);
});

test('a stored progress resumes where it was, and never falls below', () => {
  const left = play(initialProgress(graph), [message('execution_cached', { nodes: ['4'] }), state({ '3': [9, 18] })]);
  const { plan: _, ...stored } = left;
  const resumed = initialProgress(graph, JSON.parse(JSON.stringify(stored)));
  expect(resumed).toEqual(left);
  const restarted = play(initialProgress(graph, { ...resumed, shares: {} }), [state({ '3': [1, 18] })]);
  expect(restarted.fraction).toBe(left.fraction);
});

test('a stored fraction of 1 or more is limited to below 1', () => {
  expect(initialProgress(graph, { ...initialProgress(graph), fraction: 7 }).fraction).toBeLessThan(1);
});

/** Recorded messages of one prompt, of which some are dropped, repeated and moved. */
const disturbed = fc
  .constantFrom(...recordings.filter(({ response }) => response.status === 200))
  .chain((recording) => {
    const messages = Object.values(recording.streams)
      .flat()
      .flatMap((frame) => ('text' in frame ? (parseMessage(frame.text) ?? []) : []));
    const picks = fc.array(fc.nat({ max: Math.max(0, messages.length - 1) }), { maxLength: 80 });
    return picks.map((indexes) => ({
      recording,
      messages: indexes.flatMap((index) => messages[index] ?? []),
    }));
  });

test('however messages are dropped, repeated and shuffled, the fraction never falls and never reaches 1', () => {
  fc.assert(
    fc.property(disturbed, ({ recording, messages }) => {
      let progress = initialProgress(recording.request.prompt, undefined, promptIdIn(recording));
      for (const message of messages) {
        const next = reduce(progress, message);
        expect(next.fraction).toBeGreaterThanOrEqual(progress.fraction);
        expect(next.fraction).toBeLessThan(1);
        expect(next.nodesDone).toBeLessThanOrEqual(next.nodesTotal);
        expect(next.step ?? 0).toBeLessThanOrEqual(next.totalSteps ?? 0);
        progress = next;
      }
    }),
    { numRuns: 300 },
  );
});

test('resuming from any point of any stream, with the remaining or all messages, never falls below that point', () => {
  fc.assert(
    fc.property(disturbed, fc.nat(), ({ recording, messages }, cut) => {
      const start = initialProgress(recording.request.prompt, undefined, promptIdIn(recording));
      const left = play(start, messages.slice(0, cut % (messages.length + 1)));
      const resumed = initialProgress(
        recording.request.prompt,
        JSON.parse(JSON.stringify(left)),
        promptIdIn(recording),
      );
      expect(resumed).toEqual(left);
      expect(play(resumed, messages).fraction).toBeGreaterThanOrEqual(left.fraction);
    }),
    { numRuns: 100 },
  );
});

const types = [
  'status',
  'feature_flags',
  'execution_start',
  'execution_cached',
  'progress_state',
  'executing',
  'progress',
];
const ends = ['executed', 'execution_success', 'execution_error', 'execution_interrupted', 'logs'];
const nodeId = fc.constantFrom('3', '4', '9', '3.0.0.1', '__proto__', 'constructor', '');
const field = fc.oneof(nodeId, fc.double(), fc.constant(promptId), fc.jsonValue());
const node = fc.record(
  { value: field, max: field, state: field, node_id: field, display_node_id: field },
  { requiredKeys: [] },
);
const anything = fc.oneof(
  fc.jsonValue(),
  fc.record({
    type: fc.constantFrom(...types, ...ends),
    data: fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          prompt_id: fc.oneof({ weight: 9, arbitrary: fc.constant(promptId) }, fc.jsonValue()),
          node: fc.oneof(fc.constant(null), field),
          display_node: field,
          value: field,
          max: field,
          nodes: fc.oneof(fc.array(nodeId), fc.dictionary(nodeId, node), fc.jsonValue()),
          output: fc.jsonValue(),
        },
        { requiredKeys: ['prompt_id'] },
      ),
    ),
  }),
);

test('no JSON makes parsing or reducing throw, or makes the fraction fall or reach 1', () => {
  fc.assert(
    fc.property(fc.array(anything, { maxLength: 30 }), (values) => {
      let progress = initialProgress(graph, undefined, promptId);
      for (const value of values) {
        const message = parseMessage(JSON.stringify(value));
        const next: PromptProgress = message ? reduce(progress, message) : progress;
        expect(next.fraction).toBeGreaterThanOrEqual(progress.fraction);
        expect(next.fraction).toBeLessThan(1);
        progress = next;
      }
    }),
    { numRuns: 1_000 },
  );
});
