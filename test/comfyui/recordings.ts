/** Reads recordings of real ComfyUI servers (see recordings/README.md). */
import { readFileSync } from 'node:fs';
import type { Graph, ObjectInfo, PromptRequest, Rules } from '../../src/comfyui/index.js';
import { JsonStream } from '../../src/comfyui/protocol/json/json-stream.js';
import { RulesReader } from '../../src/comfyui/protocol/rules-reader.js';

/** A parsed text message, or a binary frame: its length, and its first bytes. */
export type RecordedFrame = { text: Record<string, unknown> } | { binary: Uint8Array; length: number };

export type Recording = {
  /** Begins with the version of ComfyUI, if it was recorded. */
  name: string;
  request: PromptRequest & { prompt: Graph };
  response: { status: number; body: Record<string, unknown> };
  /** The messages of each socket, the submitter's first. */
  streams: Record<string, RecordedFrame[]>;
  /** The response of `/history/{id}` at the end; null if it was not requested. */
  history: Record<string, unknown> | null;
};

type RawFrame = {
  text?: Record<string, unknown>;
  binary?: {
    length: number;
    head_hex?: string;
    event?: number;
    format?: number;
    image_head_hex?: string;
    metadata?: object;
  };
};

type RawRecording = Omit<Recording, 'name' | 'streams'> & {
  comfyui?: string;
  scenario: string;
  streams?: Record<string, RawFrame[]>;
  frames?: RawFrame[];
};

const FILES = ['recordings.jsonl', 'recordings-text-to-image.jsonl', 'recordings-0.33.0.jsonl'];

export const recordings: Recording[] = FILES.flatMap((file) =>
  read(file)
    .trim()
    .split('\n')
    .map((line) => toRecording(JSON.parse(line) as RawRecording)),
);

/** The recording with this name, and with this version if one is given. */
export function recording(name: string): Recording {
  const found = recordings.find((each) => each.name === name);
  if (!found) throw new Error(`There is no recording ${name}`);
  return found;
}

/** The id of the recording's prompt; undefined if it was rejected. */
export const promptIdIn = ({ response }: Recording): string | undefined =>
  typeof response.body.prompt_id === 'string' ? response.body.prompt_id : undefined;

export const versions = ['0.3.64', '0.8.0', '0.33.0'] as const;

/** The catalogue entries of the usual classes, as this version returns them. */
export const objectInfo = (version: (typeof versions)[number]): ObjectInfo =>
  JSON.parse(read(`object_info-${version}.json`)) as ObjectInfo;

/** The rules of a catalogue, parsed as from a response. */
export function rulesOf(info: object): Rules {
  const reader = new RulesReader();
  const json = new JsonStream(reader.picker);
  json.write(JSON.stringify(info));
  json.end();
  return reader.rules;
}

function toRecording({ comfyui, scenario, streams, frames = [], ...rest }: RawRecording): Recording {
  const raw = streams ?? { submitter: frames };
  return {
    ...rest,
    name: comfyui ? `${comfyui} ${scenario}` : scenario,
    streams: Object.fromEntries(Object.entries(raw).map(([socket, list]) => [socket, list.map(toFrame)])),
  };
}

function toFrame({ text, binary }: RawFrame): RecordedFrame {
  if (text) return { text };
  if (!binary) throw new Error('A frame is either text or binary');
  return { length: binary.length, binary: binary.head_hex ? Buffer.from(binary.head_hex, 'hex') : rebuilt(binary) };
}

/** Rebuilds a frame from its recorded parts: the header, then the first bytes of the image. */
function rebuilt({
  event = 0,
  format = 0,
  metadata,
  image_head_hex = '',
}: NonNullable<RawFrame['binary']>): Uint8Array {
  const json = metadata ? Buffer.from(JSON.stringify(metadata)) : Buffer.alloc(0);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(event, 0);
  header.writeUInt32BE(metadata ? json.length : format, 4);
  return Buffer.concat([header, json, Buffer.from(image_head_hex, 'hex')]);
}

function read(file: string): string {
  return readFileSync(new URL(`recordings/${file}`, import.meta.url), 'utf8');
}
