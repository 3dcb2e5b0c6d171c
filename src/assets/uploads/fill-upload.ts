/** The command that fills an upload: streams its file into the storage, and accepts it by its bytes. */
import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import { query } from '../../db/query.js';
import { badUserInput, conflict, notFound, Refusal } from '../../graphql/errors.js';
import type { Semaphore } from '../../limits/semaphore.js';
import { readBytes, type Storage } from '../../storage/storage.js';
import { InvalidImageError, inspectImage } from '../media/image.js';
import { detectMediaType, extensionOf, HEAD_BYTES, kindOf } from './media-types.js';
import { lockUploadsOf, readUpload, type UploadRow } from './upload-rows.js';

type FillServices = {
  em: SqlEntityManager;
  storage: Storage;
  /** Inspecting an image holds its bytes and its pixels in memory. */
  inspections: Semaphore;
};

/** What is known of a file once its bytes are stored. */
type Received = { file: string; hash: string; width: number | null; height: number | null };

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
  // A name of its own for each attempt: the bytes under a key never change, and only a committed row names the file.
  const file = `${upload.userId}/${randomUUID().replaceAll('-', '')}.${extensionOf(upload.contentType)}`;
  const received = await receive(upload, file, content, storage, inspections).catch(async (error) => {
    await storage.remove(file);
    throw error;
  });
  const isShared = await commit(em, upload, received).catch(async (error) => {
    // After a lost connection the row may be committed: the file stays, and the cleaner removes it if no row names it.
    if (error instanceof Refusal) await storage.remove(file);
    throw error;
  });
  if (isShared) await storage.remove(file);
}

async function receive(
  { byteSize, contentType }: UploadRow,
  file: string,
  content: Readable,
  storage: Storage,
  inspections: Semaphore,
): Promise<Received> {
  const digest = createHash('sha256');
  let head = Buffer.alloc(0);
  let size = 0;
  async function* checked(): AsyncIterable<Buffer> {
    // The caller still has to respond: leaving the loop must not close the connection.
    for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > byteSize) throw wrongSize(byteSize, 'more');
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]);
      digest.update(chunk);
      yield chunk;
    }
    if (size < byteSize) throw wrongSize(byteSize, String(size));
    const found = detectMediaType(head);
    if (found !== contentType)
      throw badUserInput(`The file is ${found ?? 'of no supported type'}, not ${contentType}`, 'contentType');
  }
  await storage.save(file, Readable.from(checked()));
  const image = kindOf(contentType) === 'IMAGE' ? await inspect(file, storage, inspections) : undefined;
  return { file, hash: digest.digest('hex'), width: image?.width ?? null, height: image?.height ?? null };
}

async function inspect(file: string, storage: Storage, inspections: Semaphore) {
  const release = await inspections.acquire();
  try {
    return await inspectImage(await readBytes(storage, file));
  } catch (error) {
    throw error instanceof InvalidImageError ? badUserInput(error.message, 'contentType') : error;
  } finally {
    release();
  }
}

/** @returns whether the upload shares an earlier file with the same bytes. @throws NOT_FOUND, CONFLICT */
const commit = (em: SqlEntityManager, { id, userId, contentType }: UploadRow, received: Received): Promise<boolean> =>
  em.transactional(async (em) => {
    if (!(await lockUploadsOf(em, userId))) throw notFound('upload');
    const same = await query(em)
      .selectFrom('uploads')
      .select('file')
      .where('user_id', '=', userId)
      .where('hash', '=', received.hash)
      .where('content_type', '=', contentType)
      .limit(1)
      .executeTakeFirst();
    const file = same?.file ?? received.file;
    const filled = await query(em)
      .updateTable('uploads')
      .set({ ...received, file, expires_at: sql`now() + interval '1 day'` })
      .where('id', '=', id)
      .where('file', 'is', null)
      .returning('id')
      .executeTakeFirst();
    if (!filled) throw (await readUpload(em, id)) ? conflict('This upload is filled already') : notFound('upload');
    return file !== received.file;
  });
