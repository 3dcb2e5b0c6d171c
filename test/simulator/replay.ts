/** Replays recorded clients: sends their requests, repeats their actions and returns the responses, messages and history. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import { alike, ofRecording, ofSimulator, type Recording } from './recorded.js';
import { call, entry, listen, queue, submit, withPreviews } from './support.js';

/** Actions of the recorded client while its prompt ran, by scenario. */
const during: Record<string, (simulator: Simulator, recording: Recording) => Promise<unknown>> = {
  async interrupt_mid_node(simulator, recording) {
    // Node 2 starts, steps 1 and 2 are published, and step 3 detects the interrupt.
    await interruptAfter(3, simulator, recording);
  },
  async text_to_image_interrupted_while_sampling(simulator, recording) {
    const isStep = ({ text }: Recording['streams'][string][number]) => text?.type === 'progress';
    const steps = recording.streams.submitter?.filter(isStep).length ?? 0;
    await interruptAfter(steps + 1, simulator, recording);
  },
  async text_to_image_canceled_by_the_jobs_api_while_sampling(simulator, { response, streams }) {
    const steps = streams.submitter?.filter(({ text }) => text?.type === 'progress').length ?? 0;
    await simulator.advance(steps + 2);
    await simulator.held();
    await call(simulator, `/api/jobs/${response.body.prompt_id}/cancel`, {});
  },
  async two_prompts_queued(simulator, { request }) {
    await simulator.held();
    const second = structuredClone(request.prompt);
    Object.assign(second['2']?.inputs ?? {}, { salt: 317108 });
    return await submit(simulator, second, { client_id: 'golden-a' });
  },
};

async function interruptAfter(steps: number, simulator: Simulator, { response }: Recording): Promise<void> {
  await simulator.advance(steps);
  await simulator.held();
  await call(simulator, '/interrupt', { prompt_id: response.body.prompt_id });
}

/** The event of a preview with metadata. */
const METADATA = 4;

export type Exchange = Record<'response' | 'submitter' | 'other' | 'history' | 'job', unknown>;

/** Replays all recordings in order against one simulator: each depends on the cache, counter and files of the previous ones. */
export async function replayAll(
  all: Recording[],
  options: SimulatorOptions,
  prepare: (simulator: Simulator) => Promise<unknown>,
): Promise<Map<string, Exchange>> {
  const simulator = await startSimulator({ stepMs: 0, previewSize: 64, ...options });
  try {
    await prepare(simulator);
    const results = new Map<string, Exchange>();
    for (const recording of all) results.set(recording.scenario, await replay(simulator, recording));
    return results;
  } finally {
    await simulator.close();
  }
}

/** Creates a file so that the next counter of the prefix is `next`. */
export async function countTo(simulator: Simulator, subfolder: string, prefix: string, next: number): Promise<void> {
  const folder = join(simulator.directory, 'output', subfolder);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${prefix}_${String(next - 1).padStart(5, '0')}_.png`), '');
}

export async function replay(simulator: Simulator, recording: Recording): Promise<Exchange> {
  const { request, scenario, streams, response } = recording;
  const { submitter: submitted = [], other_client: heard = [] } = streams;
  const flags = submitted.some(({ text, binary }) => text?.type === 'feature_flags' || binary?.event === METADATA);
  const sid = submitted[0]?.text?.data.sid as string | undefined;
  const submitter = await listen(simulator, sid ?? request.client_id, flags ? withPreviews : undefined);
  const other = await listen(simulator, 'golden-other');
  // Some recordings start when the prompt was sent.
  if (sid === undefined) for (const { frames } of [submitter, other]) frames.splice(0);
  if (during[scenario]) simulator.hold();
  // With the recorded id, which the actions in `during` use.
  const promptId = response.body.prompt_id as string | undefined;
  const answer = await call(simulator, '/prompt', promptId ? { ...request, prompt_id: promptId } : request);
  await during[scenario]?.(simulator, recording);
  simulator.release();
  await until(async () => {
    const { queue_running, queue_pending } = await queue(simulator);
    return queue_running.length + queue_pending.length === 0;
  }, 'all prompts to end');
  await until(() => submitter.frames.length >= submitted.length, `${submitted.length} frames`);
  await until(() => other.frames.length >= heard.length, `${heard.length} frames for others`);
  const history = promptId === undefined ? {} : { [promptId]: await entry(simulator, promptId) };
  const job = promptId === undefined ? null : (await call(simulator, `/api/jobs/${promptId}`)).body;
  await submitter.close();
  await other.close();
  await until(() => simulator.clientIds.length === 0, 'the sockets to be gone');
  return comparable(scenario, {
    response: { status: answer.status, body: answer.body },
    submitter: submitter.frames.map(ofSimulator),
    other: other.frames.map(ofSimulator),
    history,
    job,
  });
}

/** Returns the parts that the recording has. */
export function expected({ response, streams, history, scenario, job }: Recording): Partial<Exchange> {
  const { submitter = [], other_client: other } = streams;
  const all = comparable(scenario, {
    response,
    submitter: submitter.map(ofRecording),
    other: other?.map(ofRecording),
    history,
    job,
  });
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined && value !== null));
}

function comparable(scenario: string, { response, submitter, other, history, job }: Exchange): Exchange {
  return {
    response: alike(response),
    submitter: alike(withoutArrival(scenario, submitter as unknown[])),
    other: alike(other),
    history: alike(history, true),
    job: alike(withoutChoice(scenario, job), true),
  };
}

/** The second prompt's status can arrive at any position, so it is removed. */
function withoutArrival(scenario: string, frames: unknown[]): unknown[] {
  const isArrival = (frame: unknown) => JSON.stringify(frame).includes('"queue_remaining":2');
  return scenario === 'two_prompts_queued' ? frames.filter((frame) => !isArrival(frame)) : frames;
}

/** `preview_output` is the first file in execution order, which JSON with numeric keys does not keep. */
function withoutChoice(scenario: string, job: unknown): unknown {
  const isChosen = scenario === 'several_kinds_of_output' && typeof job === 'object';
  return isChosen ? { ...job, preview_output: '<any of them>' } : job;
}
