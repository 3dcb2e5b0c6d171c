/** The command that fills an upload: streams its file into the storage, and accepts it by its bytes. */
import type { Readable } from 'node:stream';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { query } from '../../db/query.js';
import { badUserInput, conflict, notFound, Refusal } from '../../graphql/errors.js';
import type { Semaphore } from '../../limits/semaphore.js';
import { removeFile } from '../../storage/local-files.js';
import { type Spooled, spool } from '../../storage/spool.js';
import type { Storage } from '../../storage/storage.js';
import { type NewBlob, newKey, saveBlob } from '../blobs.js';
import { removeUnnamed } from '../derived.js';
import { InvalidImageError } from '../media/image.js';
import { probeMedia } from '../media/probe.js';
import { detectMediaType, extensionOf, HEAD_BYTES, kindOf } from './media-types.js';
import { lockUploadsOf, readUpload, type UploadRow } from './upload-rows.js';

type FillServices = {
  em: SqlEntityManager;
  storage: Storage;
  /** Inspecting an image holds its bytes and its pixels in memory. */
  inspections: Semaphore;
};

/** In pixels; null unless it is an image. */
type Size = { width: number | null; height: number | null };

const wrongSize = (byteSize: number, found: string) =>
  badUserInput(`The file must have the ${byteSize} bytes that createUpload named, not ${found}`, 'byteSize');

/**
 * Either the upload is filled, or nothing is kept and it can be tried again. Leaves `content` readable if it refuses it early.
 * @param length the announced size of the content, if it is known
 * @throws NOT_FOUND for an upload that is unknown, expired, deleted or of a disabled account; CONFLICT for a filled one; BAD_USER_INPUT for
 * a file of another size or type
 */
export async function fillUpload(
  id: string,
  content: Readable,
  length: number | undefined,
  { em, storage, inspections }: FillServices,
): Promise<void> {
  const upload = await readUpload(em, id);
  if (!upload) throw notFound('upload');
  if (upload.file !== null) throw conflict('This upload is filled already');
  if (length !== undefined && length !== upload.byteSize) throw wrongSize(upload.byteSize, String(length));
  const spooled = await receive(upload, content, storage);
  try {
    const size = await inspect(upload, spooled, inspections);
    const file = newKey(upload.userId, extensionOf(upload.contentType));
    await storage.saveFile(file, spooled.path);
    const { hash, byteSize } = spooled;
    const kept = await commit(em, upload, { file, hash, byteSize }, size).catch(async (error) => {
      // After a lost connection the row may be committed: the file stays, and the cleaner removes it if no row names it.
      if (error instanceof Refusal) await removeUnnamed(storage, [file]);
      throw error;
    });
    if (kept !== file) await removeUnnamed(storage, [file]);
  } finally {
    await removeFile(spooled.path);
  }
}

async function receive({ byteSize, contentType }: UploadRow, content: Readable, storage: Storage): Promise<Spooled> {
  let head = Buffer.alloc(0);
  let size = 0;
  async function* checked(): AsyncIterable<Buffer> {
    // The caller still has to respond: leaving the loop must not close the connection.
    for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > byteSize) throw wrongSize(byteSize, 'more');
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
      yield chunk;
    }
    if (size < byteSize) throw wrongSize(byteSize, String(size));
    const found = detectMediaType(head);
    if (found !== contentType)
      throw badUserInput(`The file is ${found ?? 'of no supported type'}, not ${contentType}`, 'contentType');
  }
  return await spool(checked(), storage);
}

async function inspect({ contentType }: UploadRow, { path }: Spooled, inspections: Semaphore): Promise<Size> {
  if (kindOf(contentType) !== 'IMAGE') return { width: null, height: null };
  const release = await inspections.acquire();
  try {
    return await probeMedia(path);
  } catch (error) {
    throw error instanceof InvalidImageError ? badUserInput(error.message, 'contentType') : error;
  } finally {
    release();
  }
}

/** @returns the key of the upload's file: that of an earlier blob with the same bytes, or the new one. @throws NOT_FOUND, CONFLICT */
const commit = (
  em: SqlEntityManager,
  { id, userId }: UploadRow,
  blob: NewBlob,
  { width, height }: Size,
): Promise<string> =>
  em.transactional(async (em) => {
    if (!(await lockUploadsOf(em, userId))) throw notFound('upload');
    const file = await saveBlob(em, userId, blob);
    const filled = await query(em)
      .updateTable('uploads')
      .set({ file, width, height, expires_at: sql`now() + interval '1 day'` })
      .where('id', '=', id)
      .where('file', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!filled) throw (await readUpload(em, id)) ? conflict('This upload is filled already') : notFound('upload');
    return file;
  });
