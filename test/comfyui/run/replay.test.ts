import {
  filesOf,
  type HistoryEntry,
  PromptRefusedError,
  type RunEvent,
  UnsupportedError,
} from '../../../src/comfyui/index.js';
import { promptIdIn, type Recording, recording, recordings, versions } from '../recordings.js';
import { closing, start, stubbed } from '../support.js';

const keep = closing();

/** A server that replays the recorded messages to the submitter, with the id of the prompt that is submitted now. */
async function replayed(recording: Recording) {
  const recorded = promptIdIn(recording) ?? 'refused';
  const [stream = []] = Object.values(recording.streams);
  let promptId = recorded;
  const renamed = (value: unknown): string => JSON.stringify(value).replaceAll(recorded, promptId);
  const { stub, comfyui } = await stubbed(keep, {
    'POST /prompt': ({ json, response }) => {
      promptId = String(json.prompt_id);
      response.writeHead(recording.response.status).end(renamed(recording.response.body));
      for (const frame of stream) {
        for (const { socket } of stub.sockets) {
          if ('text' in frame) socket.send(renamed(frame.text));
          else
            socket.send(
              Buffer.from(Buffer.from(frame.binary).toString('latin1').replaceAll(recorded, promptId), 'latin1'),
            );
        }
      }
      stub.responses['GET /history'] = () => JSON.parse(renamed(recording.history));
    },
  });
  return { stub, comfyui };
}

const runnable = recordings.filter(
  ({ history, response, request }) => history && response.status === 200 && request.client_id,
);

const outcomes: Record<string, string> = {
  node_error_after_one_output: 'error',
  interrupt_mid_node: 'interrupted',
  text_to_image_interrupted_while_sampling: 'interrupted',
  text_to_image_canceled_by_the_jobs_api_while_sampling: 'interrupted',
  node_error: 'error',
};

const complete = runnable.filter(({ response }) => Object.keys(response.body.node_errors as object).length === 0);

test.each(complete.map((each) => [each.name, each] as const))(
  '%s runs to the recorded end',
  async (name, recording) => {
    const { comfyui } = await replayed(recording);
    const run = start(comfyui, recording.request.prompt);
    const end = await run.end;
    const [entry] = Object.values(recording.history ?? {}) as { outputs: object }[];
    expect(end.outcome).toBe(outcomes[name.replace(/^[\d.]+ /, '')] ?? 'success');
    expect(end.outputs).toEqual(entry?.outputs);
    expect(run.types.slice(0, 2)).toEqual(['submitted', 'running']);
    expect(run.types.filter((type) => type === 'running' || type === 'end')).toHaveLength(2);
    expectRisingProgress(run.events);
  },
);

function expectRisingProgress(events: RunEvent[]) {
  const fractions = events.flatMap((event) => (event.type === 'progress' ? [event.progress.fraction] : []));
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
  expect(Math.max(0, ...fractions)).toBeLessThan(1);
}

test.each(versions)('the rejection of an unknown checkpoint by %s names the node', async (version) => {
  const recording = recordings.find(({ name }) => name === `${version} text_to_image_unknown_checkpoint`);
  if (!recording) throw new Error('There is no such recording');
  const { comfyui } = await replayed(recording);
  const refusal = await start(comfyui, recording.request.prompt).end.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject({
    error: { type: 'prompt_outputs_failed_validation' },
    nodeErrors: { '4': { class_type: 'CheckpointLoaderSimple', errors: [{ type: 'value_not_in_list' }] } },
    gone: true,
  });
});

test('a prompt with only some valid outputs is rejected', async () => {
  const recording = recordings.find(({ name }) => name === 'partially_invalid_still_queued');
  if (!recording) throw new Error('There is no such recording');
  const { comfyui } = await replayed(recording);
  const refusal = await start(comfyui, recording.request.prompt).end.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject({ nodeErrors: { '9': { errors: [{ type: 'exception_during_validation' }] } } });
});

test('each output is reported at once, and only once', async () => {
  const recording = recordings.find(({ name }) => name === 'success');
  if (!recording) throw new Error('There is no such recording');
  const { comfyui } = await replayed(recording);
  const run = start(comfyui, recording.request.prompt);
  const { outputs } = await run.end;
  const executed = run.events.flatMap((event) => (event.type === 'executed' ? [[event.nodeId, event.output]] : []));
  expect(Object.fromEntries(executed)).toEqual(outputs);
  expect(executed).toHaveLength(2);
});

test('previews are reported with their node if they name it, and without a node if not', async () => {
  for (const [name, nodeId] of [
    ['preview_metadata_frames', '2'],
    ['preview_legacy_frames', undefined],
  ]) {
    const recording = recordings.find((each) => each.name === name);
    if (!recording) throw new Error('There is no such recording');
    const { comfyui } = await replayed(recording);
    const run = start(comfyui, recording.request.prompt);
    await run.end;
    const previews = run.events.filter((event) => event.type === 'preview');
    expect(previews.length).toBeGreaterThan(0);
    expect(previews.every((event) => event.contentType === 'image/jpeg' && event.nodeId === nodeId)).toBe(true);
  }
});

const refusals: Record<string, object> = {
  unknown_class: { error: { type: 'missing_node_type', extra_info: { class_type: 'NoSuchNode' } }, nodeErrors: {} },
  cycle: { nodeErrors: { '1': { errors: [{ type: 'dependency_cycle' }] }, '2': { class_type: 'ImageInvert' } } },
  v3_combo_not_in_list: { nodeErrors: { '2': { errors: [{ extra_info: { input_name: 'blend_mode' } }] } } },
  partially_invalid_still_queued: { nodeErrors: { '3': { errors: [{ extra_info: { input_name: 'images' } }] } } },
};

test.each(Object.entries(refusals))('0.33.0 rejects %s, and the error says why', async (name, reason) => {
  const { comfyui } = await replayed(recording(`0.33.0 ${name}`));
  const refusal = await start(comfyui, recording(`0.33.0 ${name}`).request.prompt).end.catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(PromptRefusedError);
  expect(refusal).toMatchObject(reason);
});

test('a ComfyUI that does not accept our prompt id is unsupported', async () => {
  const { comfyui } = await replayed(recording('0.33.0 prompt_id_is_no_uuid'));
  await expect(start(comfyui, { '1': { class_type: 'A', inputs: {} } }).end).rejects.toBeInstanceOf(UnsupportedError);
});

test('the files of every kind of output of 0.33.0 are found under their keys', () => {
  const { outputs } = Object.values(recording('0.33.0 several_kinds_of_output').history ?? {})[0] as HistoryEntry;
  const files = Object.values(outputs).flatMap(filesOf);
  expect(files.map(({ filename, type }) => `${type} ${filename.replace(/_temp_\w{5}_/, '_temp_')}`).sort()).toEqual([
    'output aud_00001.flac',
    'output aw_00001_.webp',
    'output vid_00001_.mp4',
    'temp ComfyUI_temp_00001_.png',
    'temp ComfyUI_temp_00002_.png',
    'temp ComfyUI_temp_00003_.png',
    'temp ComfyUI_temp_00004_.png',
  ]);
});
