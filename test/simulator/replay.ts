/** Sends what recorded clients sent, does what they did meanwhile, and keeps what came of it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/index.js';
import { until } from '../support/until.js';
import { alike, ofRecording, ofSimulator, type Recording } from './recorded.js';
import { call, entry, listen, queue, submit, withPreviews } from './support.js';

/** What the recording's client did while its prompt ran. */
const during: Record<string, (simulator: Simulator, recording: Recording) => Promise<unknown>> = {
  async interrupt_mid_node(simulator, recording) {
    // Node 2 begins, steps 1 and 2 are told, and step 3 is the one that notices.
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

/** The event of a preview that says its prompt. */
const METADATA = 4;

export type Exchange = Record<'response' | 'submitter' | 'other' | 'history' | 'job', unknown>;

/** One after the other against one simulator: each depends on what the ones before left in cache, counter and files. */
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

/** Makes the next counter of a prefix the given one, by a file that is already there. */
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
  // Some were recorded from when the prompt was sent.
  if (sid === undefined) for (const { frames } of [submitter, other]) frames.splice(0);
  if (during[scenario]) simulator.hold();
  // With the recorded id, so that what is done meanwhile can name it.
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

/** What a recording has of it; what it has not is left out. */
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

/** When a second prompt arrives is up to its client: the status that tells of it may stand anywhere. */
function withoutArrival(scenario: string, frames: unknown[]): unknown[] {
  const isArrival = (frame: unknown) => JSON.stringify(frame).includes('"queue_remaining":2');
  return scenario === 'two_prompts_queued' ? frames.filter((frame) => !isArrival(frame)) : frames;
}

/** Of several outputs the first one that is a file is shown; the order in which they were made is lost in JSON with numbers as keys. */
function withoutChoice(scenario: string, job: unknown): unknown {
  const isChosen = scenario === 'several_kinds_of_output' && typeof job === 'object';
  return isChosen ? { ...job, preview_output: '<any of them>' } : job;
}
