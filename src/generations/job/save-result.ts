/** Saves the result of a generation with COMPLETED, in one statement. */
import { createHash } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { type NewBlob, newKey } from '../../assets/blobs.js';
import { bitsOf } from '../../assets/media/kind-bits.js';
import type { NodeId } from '../../comfyui/index.js';
import type { Frame } from '../previews.js';
import { complete, type SavedResult } from '../transitions.js';
import type { JobContext } from './context.js';
import type { MadeOutputs, StoredOutput } from './fetch-outputs.js';

/** A node may print a whole tensor, or a list of them. In characters. */
const MAX_TEXT_LENGTH = 100_000;
const MAX_TEXTS = 100;

type Details = {
  /** Returns the stored files, once: from then on rows may name them. */
  release: () => string[];
  /** Takes back files that no row names: the account had the same bytes already, or nothing was saved. */
  retain: (files: readonly string[]) => void;
  executedMs: number | undefined;
  /** The last preview, which becomes the poster of videos. */
  frame: Frame | undefined;
};

export async function saveResult(
  made: MadeOutputs,
  context: JobContext,
  { release, retain, executedMs, frame }: Details,
): Promise<SavedResult> {
  const { services, job } = context;
  const { name, rank } = await outputNames(context);
  const inOrder = made.files.toSorted((a, b) => rank(a.nodeId) - rank(b.nodeId));
  const poster = frame && inOrder.some(({ kind }) => kind === 'VIDEO') ? await storePoster(frame, context) : undefined;
  const rowOf = (output: StoredOutput, position: number) => {
    const { nodeId, ...row } = output;
    const posterHash = output.kind === 'VIDEO' ? poster?.hash : undefined;
    return { ...row, id: uuid(), position, posterHash, output: name(nodeId) };
  };
  const files = [...release(), ...(poster ? [poster.file] : [])];
  const saved = await complete(services.statements, job, {
    id: uuid(),
    blobs: distinct([...made.files, ...(poster ? [poster] : [])]),
    images: inOrder.filter(({ kind }) => kind === 'IMAGE').map(rowOf),
    files: inOrder.filter(({ kind }) => kind !== 'IMAGE').map(rowOf),
    texts: made.texts
      .toSorted((a, b) => rank(a.nodeId) - rank(b.nodeId))
      .slice(0, MAX_TEXTS)
      .map(({ text, nodeId }) => ({ text: text.slice(0, MAX_TEXT_LENGTH).toWellFormed(), output: name(nodeId) })),
    kinds: bitsOf([...made.files.map(({ kind }) => kind), ...made.texts.map(() => 'TEXT' as const)]),
    problems: [...made.problems, ...problemsOf(made.texts)],
    executedMs,
  });
  retain(files.filter((file) => !saved.files.includes(file)));
  return saved;
}

/** What the workflow calls the outputs of a node, and their place. Other nodes come last, under their ids. */
async function outputNames({ services, job }: JobContext) {
  const { workflowId, workflowName, workflowVersion } = job;
  const record = { id: workflowId, name: workflowName, version: workflowVersion };
  const [workflow] = await services.workflows.findRecorded([record]);
  const outputs = workflow?.outputs ?? [];
  const indexOf = (id: NodeId) => outputs.findIndex(({ nodeId }) => nodeId === id);
  return {
    name: (id: NodeId): string => outputs[indexOf(id)]?.name ?? id,
    rank: (id: NodeId): number => (indexOf(id) < 0 ? outputs.length : indexOf(id)),
  };
}

function problemsOf(texts: MadeOutputs['texts']): string[] {
  const problems: string[] = [];
  if (texts.length > MAX_TEXTS) problems.push(`Only ${MAX_TEXTS} of ${texts.length} texts were kept`);
  if (texts.some(({ text }) => text.length > MAX_TEXT_LENGTH))
    problems.push(`Only the first ${MAX_TEXT_LENGTH} characters of each text were kept`);
  return problems;
}

/** Undefined if it cannot be stored: the video counts without it. */
async function storePoster({ bytes, contentType }: Frame, context: JobContext): Promise<NewBlob | undefined> {
  const { services, job, logger } = context;
  const file = newKey(job.userId, contentType === 'image/png' ? 'png' : 'jpg');
  try {
    await services.storage.save(file, bytes);
  } catch (error) {
    logger.warn({ err: error }, 'could not store the poster of a video');
    return undefined;
  }
  return { file, hash: createHash('sha256').update(bytes).digest('hex'), byteSize: bytes.length };
}

/** One of those with the same bytes. */
const distinct = (blobs: readonly NewBlob[]): NewBlob[] => [
  ...new Map(blobs.map(({ file, hash, byteSize }) => [hash, { file, hash, byteSize }])).values(),
];
