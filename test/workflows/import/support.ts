/** Workflows of ComfyUI's page, each with the prompt that the page made of it. */
import { readFileSync } from 'node:fs';
import type { Graph } from '../../../src/comfyui/index.js';
import type { Draft } from '../../../src/workflows/import/draft.js';
import { importDocument } from '../../../src/workflows/import/import.js';
import { objectInfo } from '../../comfyui/recordings.js';

export type Pair = { name: string; workflow: Record<string, unknown>; prompt: Graph; problems: string[] };

/** The page was frontend 1.33.13, driven by a script. */
export const pairs: Pair[] = readFileSync('test/workflows/import/pairs.jsonl', 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

export function pair(name: string): Pair {
  const found = pairs.find((each) => each.name === name);
  if (!found) throw new Error(`There is no pair ${name}`);
  return found;
}

export const catalogue = objectInfo('0.33.0');

export const imported = (document: unknown): Draft => importDocument(document, catalogue);

/** The code and the message of the refusal. */
export function refusal(document: unknown): { code: string; message: string; field: unknown } {
  try {
    imported(document);
  } catch (error) {
    const { code, message, details } = error as { code: string; message: string; details: { field: unknown } };
    return { code, message, field: details.field };
  }
  throw new Error('The document was imported');
}

/** The graph without titles. */
export const bare = (graph: Graph): Graph =>
  Object.fromEntries(Object.entries(graph).map(([id, { class_type, inputs }]) => [id, { class_type, inputs }]));

/** A node of the page's format. */
export const node = (id: number | string, type: string, more: Record<string, unknown> = {}) => ({
  id,
  type,
  mode: 0,
  inputs: [],
  outputs: [],
  ...more,
});

export const MUTED = 2;
export const BYPASSED = 4;
