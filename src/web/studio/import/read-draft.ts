/** Reads the draft of what is imported. */
import type { Client } from 'urql';
import { type Problem, problemOf } from '../api/errors';
import { contentTypeOf } from '../create/files/file-types';
import { upload } from '../create/files/upload';
import type { FileValue } from '../create/inputs/values';
import { type Draft, IMPORT_WORKFLOW } from '../workflows/draft';
import type { ImportSource } from './import-store';

/** A request has at most 256 KiB; a larger document is uploaded. */
const MAX_DOCUMENT_BYTES = 200_000;

export type ImportEnd = {
  draft?: Draft;
  name: string;
  problem?: Problem;
  /** The imported picture, video or sound, which may serve as an input. */
  file?: FileValue;
};

export async function readDraft(
  client: Client,
  source: Exclude<ImportSource, { kind: 'ask' }>,
  onProgress: (fraction: number) => void,
): Promise<ImportEnd> {
  if (source.kind === 'document') {
    const { document, name } = source;
    const text = typeof document === 'string' ? document : JSON.stringify(document);
    if (text.length <= MAX_DOCUMENT_BYTES) return { name, ...(await importDocument(client, { document })) };
    const file = new File([text], 'workflow.json', { type: 'application/json' });
    return { ...(await importFile(client, file, onProgress)), name };
  }
  return importFile(client, source.file, onProgress);
}

async function importFile(client: Client, given: File, onProgress: (fraction: number) => void): Promise<ImportEnd> {
  const name = given.name.replace(/\.[^.]*$/, '');
  const isJson = contentTypeOf(given) === 'application/json';
  if (isJson && given.size <= MAX_DOCUMENT_BYTES)
    return { name, ...(await importDocument(client, { document: await given.text() })) };
  const uploaded = await upload(client, given, { onProgress });
  if ('problem' in uploaded) return { name, problem: uploaded.problem };
  const imported = await importDocument(client, { upload: uploaded.file.id });
  return { name, ...imported, ...(!isJson && { file: uploaded.file }) };
}

async function importDocument(
  client: Client,
  input: { document: unknown } | { upload: string },
): Promise<Pick<ImportEnd, 'draft' | 'problem'>> {
  const { data, error } = await client.mutation(IMPORT_WORKFLOW, { input });
  const draft = data?.importWorkflow;
  return draft ? { draft } : { problem: problemOf(error) ?? { code: 'NETWORK', message: '', field: undefined } };
}
