import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Simulator } from '../../src/simulator/index.js';
import { hash } from '../../src/simulator/pictures/random.js';
import { until } from '../support/until.js';
import { probes } from './probes.js';
import { alike, ofRecording, ofSimulator, recordings } from './recorded.js';
import { countTo, type Exchange, expected, replay, replayAll } from './replay.js';
import { call, closeAfterEach, listen, start, submit } from './support.js';

closeAfterEach();

const checkpoints = ['stable-diffusion-1.5.safetensors'];

/** Compares exactly the parts that the recording has. */
function expectAlike(got: Exchange | undefined, wanted: Partial<Exchange>): void {
  const known = Object.fromEntries(Object.keys(wanted).map((key) => [key, got?.[key as keyof Exchange]]));
  expect(known).toEqual(wanted);
}

describe('recordings of 0.3.64 without a model', () => {
  const all = recordings('recordings.jsonl').filter(({ scenario }) => !scenario.startsWith('reconnect'));
  let results: Map<string, Exchange>;

  beforeAll(async () => {
    results = await replayAll(all, { nodes: probes }, (simulator) => countPrompts(simulator, 3));
  });

  test.each(all.map((each) => [each.scenario, each] as const))(
    'responses, messages and history are equal: %s',
    (name, each) => {
      expectAlike(results.get(name), expected(each));
    },
  );
});

describe.each(['0.3.64', '0.8.0'] as const)('recordings of %s with a model', (version) => {
  const all = recordings('recordings-text-to-image.jsonl').filter(({ comfyui }) => comfyui === version);
  let results: Map<string, Exchange>;

  beforeAll(async () => {
    results = await replayAll(all, { version, checkpoints }, async (simulator) => {
      // The recorded 0.3.64 had files of earlier runs.
      if (version !== '0.3.64') return;
      await countTo(simulator, 'rec', 'a', 6);
      await countTo(simulator, 'rec', 'b', 2);
      await countTo(simulator, 'rec', 'card', 2);
    });
  });

  test.each(all.map((each) => [each.scenario, each] as const))(
    'responses, messages and history are equal: %s',
    (name, each) => {
      expectAlike(results.get(name), expected(each));
    },
  );
});

describe('recordings of 0.33.0', () => {
  const all = recordings('recordings-0.33.0.jsonl');
  const options = { version: '0.33.0', checkpoints } as const;
  let results: Map<string, Exchange>;

  // The order of output nodes differs between recorded prompts; each order has a seed.
  beforeAll(async () => {
    results = await replayAll(
      all,
      { ...options, hashSeed: seedFor('6', '7', '9', '10', '3', '4') },
      async (simulator) => {
        await writeFile(join(simulator.directory, 'input', 'tone.wav'), '');
        await countPrompts(simulator, 47);
      },
    );
    const failing = all.filter(({ scenario }) => scenario === 'node_error');
    const others = await replayAll(failing, { ...options, hashSeed: seedFor('4', '3') }, (simulator) =>
      countPrompts(simulator, 54),
    );
    for (const [scenario, result] of others) results.set(scenario, result);
  });

  test.each(all.map((each) => [each.scenario, each] as const))(
    'responses, messages and history are equal: %s',
    (name, each) => {
      expectAlike(results.get(name), expected(each));
    },
  );
});

/** Finds a seed that puts output nodes in this order. */
function seedFor(...ids: string[]): number {
  for (let seed = 0; ; seed++) {
    const places = ids.map((id) => hash(`${seed}${id}`));
    if (places.every((place, nth) => nth === 0 || place > (places[nth - 1] ?? 0))) return seed;
  }
}

/** Advances the number of the next prompt by rejected prompts. */
async function countPrompts(simulator: Simulator, next: number): Promise<void> {
  for (let count = 0; count < next; count++) await call(simulator, '/prompt', {});
}

test('a socket that reconnects with its id gets the running node and all later messages', async () => {
  const [warmUp, ...others] = recordings('recordings.jsonl');
  const recording = others.find((each) => each.scenario === 'reconnect_same_client_id_mid_run');
  if (!recording || !warmUp) throw new Error('The recording is missing');
  const simulator = await start({ nodes: probes });
  await replay(simulator, warmUp);
  await countTo(simulator, 'golden', 'x', 8);

  simulator.hold();
  const first = await listen(simulator, 'golden-a');
  const promptId = await submit(simulator, recording.request.prompt, { client_id: 'golden-a' });
  await simulator.advance(4);
  await first.hears('progress', 3);
  first.socket.close();
  await until(() => simulator.clientIds.length === 0, 'the socket to be gone');
  await simulator.advance(3);
  await simulator.held();
  const second = await listen(simulator, 'golden-a');
  simulator.release();
  await second.hearsEnd(promptId);

  const { first_socket = [], second_socket = [] } = recording.streams;
  expect(alike(first.frames.map(ofSimulator))).toEqual(alike(first_socket.map(ofRecording)));
  expect(alike(second.frames.map(ofSimulator))).toEqual(alike(second_socket.map(ofRecording)));
});
