/** Reads recordings of ComfyUI and normalizes them: replaces values that differ between runs by fixed names. */
import { readFileSync } from 'node:fs';
import type { PromptRequest } from '../../src/comfyui/protocol/protocol.js';
import type { Version } from '../../src/simulator/version.js';
import type { Frame } from './support.js';

export type RecordedFrame = {
  text?: { type: string; data: Record<string, unknown> };
  binary?: { head_hex?: string; event?: number; format?: number; metadata?: object; image_head_hex?: string };
};

export type Recording = {
  scenario: string;
  request: PromptRequest;
  response: { status: number; body: Record<string, unknown> };
  history: Record<string, unknown> | null;
  /** By socket. */
  streams: Record<string, RecordedFrame[]>;
  comfyui?: Version;
  job?: Record<string, unknown> | null;
};

const NOT_FOUND = 404;

export function recordings(file: string): Recording[] {
  const path = new URL(`../comfyui/recordings/${file}`, import.meta.url);
  return readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const { frames, job, ...rest } = JSON.parse(line) as Recording & { frames?: RecordedFrame[] };
      // Recordings of newer versions contain the whole response, which is 404 for a rejected prompt.
      const { status, body = job } = (job ?? {}) as { status?: number; body?: Recording['job'] };
      const read = { ...rest, job: status === NOT_FOUND ? null : (body ?? null) };
      return frames ? { ...read, streams: { submitter: frames } } : read;
    });
}

/** Replaces prompt ids, times, random letters and Python's texts by fixed names, and sorts sets. */
export function alike(value: unknown, isHistory = false): unknown {
  const promptIds = new Map<string, string>();
  const visit = (each: unknown, key: string): unknown => {
    if (typeof each === 'number' && /^(timestamp|create_time|execution_(start|end)_time)$/.test(key)) return `<${key}>`;
    if (typeof each === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(each)) {
      promptIds.set(each, promptIds.get(each) ?? `<prompt ${promptIds.size}>`);
      return promptIds.get(each);
    }
    if (typeof each === 'string') return each.replace(/ComfyUI_temp_[a-z]{5}_/, 'ComfyUI_temp_<letters>_');
    if (key === 'traceback') return '<traceback>';
    if (key === 'current_inputs' && isHistory) return '<as in event>';
    // Its strings are Python's texts of tensors.
    if (key === 'current_inputs') return JSON.parse(JSON.stringify(each).replace(/\["[^"]*"\]/g, '["<text>"]'));
    if (Array.isArray(each)) {
      const items = each.map((item) => visit(item, ''));
      // `current_outputs` is a Python set; `nodes` (cached ones) is in the order of the graph's keys, which JSON.parse sorts.
      return key === 'current_outputs' || key === 'nodes' ? items.sort() : items;
    }
    if (typeof each !== 'object' || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([name, item]) => [String(visit(name, '')), visit(item, name)]));
  };
  return visit(value, '');
}

/** Returns a comparable frame: a text message, or a binary frame's event, header and image type. */
export function ofRecording({ text, binary }: RecordedFrame): unknown {
  if (text) return text;
  if (!binary) throw new Error('A recorded frame must be text or binary');
  if (binary.head_hex) return ofBytes(Buffer.from(binary.head_hex, 'hex'));
  const { event, format, metadata, image_head_hex: head = '' } = binary;
  return { event, ...(event === 4 ? { metadata } : { format }), image: kind(Buffer.from(head, 'hex')) };
}

export function ofSimulator(frame: Frame): unknown {
  return typeof frame === 'string' ? JSON.parse(frame) : ofBytes(frame);
}

function ofBytes(bytes: Buffer): unknown {
  const [event, second] = [bytes.readUInt32BE(0), bytes.readUInt32BE(4)];
  // Recordings keep only the beginning of texts.
  if (event === 3) return { event, length: second, text: bytes.toString('utf8', 8, 17) };
  if (event === 1) return { event, format: second, image: kind(bytes.subarray(8)) };
  return {
    event,
    metadata: JSON.parse(bytes.toString('utf8', 8, 8 + second)),
    image: kind(bytes.subarray(8 + second)),
  };
}

function kind(image: Buffer): string {
  return image[0] === 0xff && image[1] === 0xd8 ? 'JPEG' : image[1] === 0x50 && image[2] === 0x4e ? 'PNG' : 'unknown';
}
