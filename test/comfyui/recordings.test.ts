import {
  initialProgress,
  parseFrame,
  parseMessage,
  promptIdOf,
  reduce,
  type SocketMessage,
} from '../../src/comfyui/index.js';
import { promptIdIn, type RecordedFrame, type Recording, recordings } from './recordings.js';

const named = recordings.map((recording) => [recording.name, recording] as const);

/** All messages of a stream, and a fault for each that could not be parsed. */
function messagesOf(stream: RecordedFrame[]): SocketMessage[] {
  return stream.flatMap((frame) => {
    if (!('text' in frame)) return [];
    const message = parseMessage(JSON.stringify(frame.text));
    if (!message) throw new Error(`Not understood: ${JSON.stringify(frame.text)}`);
    return [message];
  });
}

/** The initial progress, and the progress after each message about the prompt. */
function play({ request }: Recording, messages: SocketMessage[], promptId: string) {
  let progress = initialProgress(request.prompt, undefined, promptId);
  const later = messages.map((message) => {
    progress = reduce(progress, message);
    return progress;
  });
  return [initialProgress(request.prompt, undefined, promptId), ...later];
}

const socketsOf = ({ streams }: Recording) => Object.values(streams);

test('there are 13 recordings of the protocol, 9 of text to image for each of two versions, and 14 of 0.33.0', () => {
  expect(recordings).toHaveLength(45);
  expect(new Set(recordings.map(({ name }) => name)).size).toBe(45);
});

test.each(named)('every message of %s is parsed without losing a field', (_, recording) => {
  for (const stream of socketsOf(recording)) {
    for (const frame of stream) {
      if (!('text' in frame)) continue;
      const message = parseMessage(JSON.stringify(frame.text));
      expect(message).toMatchObject(withoutListOfNoInputs(frame.text));
    }
  }
});

/** A blocked node's error has a list where others have an object of inputs. */
function withoutListOfNoInputs(text: Record<string, unknown>): Record<string, unknown> {
  const data = text.data as Record<string, unknown>;
  if (!Array.isArray(data.current_inputs)) return text;
  const { current_inputs: _, ...rest } = data;
  return { ...text, data: rest };
}

test.each(named)('the progress of %s never falls and never reaches 1', (_, recording) => {
  const promptId = promptIdIn(recording) ?? 'refused';
  for (const stream of socketsOf(recording)) {
    const fractions = play(recording, messagesOf(stream), promptId).map(({ fraction }) => fraction);
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b));
    expect(fractions.every((fraction) => fraction >= 0 && fraction < 1)).toBe(true);
  }
});

/** The end of every recording: done and total nodes at the last message of the submitter's socket. */
const ends: Record<string, { nodesDone: number; nodesTotal: number; complete: boolean }> = {
  success: { nodesDone: 4, nodesTotal: 4, complete: true },
  all_cached: { nodesDone: 0, nodesTotal: 0, complete: false },
  partially_invalid_still_queued: { nodesDone: 0, nodesTotal: 1, complete: false },
  node_error_after_one_output: { nodesDone: 1, nodesTotal: 3, complete: false },
  interrupt_mid_node: { nodesDone: 0, nodesTotal: 2, complete: false },
  preview_legacy_frames: { nodesDone: 2, nodesTotal: 2, complete: true },
  preview_metadata_frames: { nodesDone: 2, nodesTotal: 2, complete: true },
  // Its first node was cached, which only a submitter with a client id is notified of.
  no_client_id_broadcast: { nodesDone: 2, nodesTotal: 3, complete: false },
  text_frame_broadcast_and_websocket_image: { nodesDone: 4, nodesTotal: 4, complete: true },
  two_prompts_queued: { nodesDone: 3, nodesTotal: 3, complete: true },
  execution_blocked_not_terminal: { nodesDone: 2, nodesTotal: 2, complete: true },
  node_expansion: { nodesDone: 2, nodesTotal: 2, complete: true },
  reconnect_same_client_id_mid_run: { nodesDone: 0, nodesTotal: 2, complete: false },
  text_to_image_first_run_loads_the_model: { nodesDone: 7, nodesTotal: 7, complete: true },
  text_to_image_same_model_new_seed: { nodesDone: 3, nodesTotal: 3, complete: true },
  text_to_image_identical_graph_but_for_the_prefix: { nodesDone: 1, nodesTotal: 1, complete: true },
  text_to_image_identical_graph: { nodesDone: 0, nodesTotal: 0, complete: false },
  text_to_image_legacy_previews: { nodesDone: 3, nodesTotal: 3, complete: true },
  text_to_image_interrupted_while_sampling: { nodesDone: 0, nodesTotal: 3, complete: false },
  text_to_image_unknown_checkpoint: { nodesDone: 0, nodesTotal: 7, complete: false },
  text_to_image_batch_of_two: { nodesDone: 4, nodesTotal: 4, complete: true },
  model_free_test_card: { nodesDone: 3, nodesTotal: 3, complete: true },
  text_to_image_identical_graph_all_cached: { nodesDone: 0, nodesTotal: 0, complete: false },
  text_to_image_canceled_by_the_jobs_api_while_sampling: { nodesDone: 1, nodesTotal: 4, complete: false },
  text_to_image_legacy_previews_batch_of_two: { nodesDone: 4, nodesTotal: 4, complete: true },
  several_kinds_of_output: { nodesDone: 10, nodesTotal: 10, complete: true },
  node_error: { nodesDone: 2, nodesTotal: 4, complete: false },
  unknown_class: { nodesDone: 0, nodesTotal: 3, complete: false },
  cycle: { nodesDone: 0, nodesTotal: 3, complete: false },
  prompt_id_is_no_uuid: { nodesDone: 0, nodesTotal: 2, complete: false },
  v3_combo_not_in_list: { nodesDone: 0, nodesTotal: 3, complete: false },
  growing_and_dynamic_inputs: { nodesDone: 3, nodesTotal: 3, complete: true },
  '0.33.0 partially_invalid_still_queued': { nodesDone: 1, nodesTotal: 2, complete: false },
};

test.each(named)('%s reaches its end', (name, recording) => {
  const end = ends[name] ?? ends[name.replace(/^[\d.]+ /, '')];
  const [stream = []] = socketsOf(recording);
  const progress = play(recording, messagesOf(stream), promptIdIn(recording) ?? 'refused').at(-1);
  expect(progress).toMatchObject({ nodesDone: end?.nodesDone, nodesTotal: end?.nodesTotal });
  expect(progress?.fraction === 0.999).toBe(end?.complete);
});

test.each(named)('every preview in %s is parsed with its image and, if named, its prompt and node', (_, recording) => {
  const frames = socketsOf(recording).flat();
  for (const frame of frames) {
    if (!('binary' in frame)) continue;
    const event = Buffer.from(frame.binary).readUInt32BE(0);
    const preview = parseFrame(frame.binary);
    if (event === 3) expect(preview).toBeUndefined();
    else expect(preview?.contentType).toMatch(/^image\/(jpeg|png)$/);
    expect(preview?.promptId).toBe(event === 4 ? promptIdIn(recording) : undefined);
    expect(preview?.nodeId !== undefined).toBe(event === 4);
  }
});

test('a socket that is not the submitter receives the queue and, if a prompt has no client id, only its progress', () => {
  const received = recordings.flatMap(({ name, streams }) =>
    messagesOf(streams.other_client ?? []).map((message) => `${name === 'no_client_id_broadcast'} ${message.type}`),
  );
  expect(new Set(received)).toEqual(new Set(['false status', 'true status', 'true progress_state', 'true progress']));
});

test('after a reconnect under the same id the first message about a prompt does not name it', () => {
  const stream = recordings.find(({ name }) => name.startsWith('reconnect'))?.streams.second_socket ?? [];
  const [, executing] = messagesOf(stream);
  expect(executing).toMatchObject({ type: 'executing', data: { node: '2' } });
  expect(executing && promptIdOf(executing)).toBeUndefined();
});
