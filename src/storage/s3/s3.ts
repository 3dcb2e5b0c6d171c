/** Stores files as objects of one bucket of an S3-compatible store: `<prefix><owner>/<name>`. */
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  NoSuchKey,
  NoSuchUpload,
  NotFound,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { LRUCache } from 'lru-cache';
import type { Timings } from '../../process/timings.js';
import { removeFile, TemporaryFiles } from '../local-files.js';
import {
  type ByteRange,
  type DownloadHeaders,
  isKey,
  type ListedFile,
  MissingFileError,
  type NewKey,
  requireKey,
  type Storage,
  type StoredFile,
} from '../storage.js';
import { resumedBody } from './resumed-body.js';
import { createClient, type S3Settings } from './s3-client.js';
import { toStartError } from './start-fault.js';

/** The SDK holds two parts of each upload in memory. A store accepts 10,000 of them: 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;
/** Longer than the slowest client takes for the largest upload. */
const ABANDONED_AFTER_MS = 86_400_000;
/** URLs are the same for this long, so that browsers use their caches. */
const SAME_URL_MS = 5 * 60_000;
const URL_SECONDS = 15 * 60;
/** Players read a video in many ranges, and each needs its size. */
const MAX_KNOWN = 10_000;
/** No key of a file. */
const PROBE = '.probe';

export class S3Storage implements Storage {
  readonly #client: S3Client;
  readonly #prefix: string;
  readonly #temporary: TemporaryFiles;
  readonly #known = new LRUCache<string, StoredFile>({ max: MAX_KNOWN });

  /** @param folder for temporary files, on the local disk */
  constructor(
    private readonly settings: S3Settings,
    folder: string,
    timings: Timings,
  ) {
    this.#prefix = settings.s3Prefix ?? '';
    this.#client = createClient(settings, timings);
    this.#temporary = new TemporaryFiles(folder);
  }

  /** Tries what the server will do with objects. */
  async open(): Promise<void> {
    await this.#temporary.open();
    try {
      await this.#client.send(new PutObjectCommand({ ...this.#object(PROBE), Body: 'writable' }));
      // Another server that starts at the same moment may have deleted it.
      await this.#head(PROBE);
      for await (const _ of this.#pages('', { pageSize: 1 })) break;
      await this.#client.send(new DeleteObjectCommand(this.#object(PROBE)));
    } catch (error) {
      throw toStartError(error, this.settings);
    }
  }

  async close(): Promise<void> {
    this.#client.destroy();
  }

  async save(newKey: NewKey, content: Uint8Array | Readable): Promise<void> {
    // Until the upload reads the stream nobody else listens.
    if (content instanceof Readable) content.on('error', () => {});
    let key = '';
    try {
      key = await newKey;
      requireKey(key);
      this.#known.delete(key);
      const params = { ...this.#object(key), Body: content };
      // A stream that fits into one part, and bytes of that size, become one request.
      await new Upload({ client: this.#client, params, partSize: PART_BYTES, queueSize: PARTS_AT_ONCE }).done();
    } catch (error) {
      // The answer to the last request was lost, and the SDK repeated the request.
      if (!(error instanceof NoSuchUpload && (await this.#head(key)))) throw error;
    } finally {
      if (content instanceof Readable) content.destroy();
    }
  }

  async saveFile(key: NewKey, path: string): Promise<void> {
    await this.save(await key, createReadStream(path, { highWaterMark: PART_BYTES / 8 }));
    await removeFile(path);
  }

  temporaryFile(): string {
    return this.#temporary.newPath();
  }

  /** Remembers files that it has found. Another server may have removed one meanwhile: `read` finds that out. */
  async stat(key: string): Promise<StoredFile | undefined> {
    requireKey(key);
    const found = this.#known.get(key) ?? (await this.#head(key));
    if (found) this.#known.set(key, found);
    return found;
  }

  async read(key: string, range?: ByteRange): Promise<Readable> {
    requireKey(key);
    const first = await this.#get(key, range && `bytes=${range.start}-${range.end}`);
    const end = range?.end ?? '';
    return resumedBody(first.body, first.length, async (received) => {
      const rest = await this.#get(key, `bytes=${(range?.start ?? 0) + received}-${end}`);
      return rest.body;
    });
  }

  async downloadUrl(key: string, { contentType, disposition, cacheControl }: DownloadHeaders) {
    requireKey(key);
    if (this.settings.s3Downloads === 'proxy') return undefined;
    return await this.#presign({
      ...this.#object(key),
      ResponseContentType: contentType,
      ResponseContentDisposition: disposition,
      ResponseCacheControl: cacheControl,
    });
  }

  /** The SDK alone knows whether the bucket is a part of the host. */
  async downloadOrigin(): Promise<string | undefined> {
    if (this.settings.s3Downloads === 'proxy') return undefined;
    return new URL(await this.#presign(this.#object(PROBE))).origin;
  }

  async remove(key: string): Promise<void> {
    requireKey(key);
    this.#known.delete(key);
    await this.#client.send(new DeleteObjectCommand(this.#object(key)));
  }

  async removeAll(owner: string): Promise<void> {
    for await (const { Contents = [] } of this.#pages(ownerPrefix(owner))) {
      if (Contents.length === 0) continue;
      const Objects = Contents.map(({ Key }) => ({ Key }));
      for (const { Key = '' } of Contents) this.#known.delete(Key.slice(this.#prefix.length));
      const { Errors = [] } = await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.settings.s3Bucket, Delete: { Objects, Quiet: true } }),
      );
      const [first] = Errors;
      if (first) throw new Error(`Could not delete ${Errors.length} objects: ${first.Code}: ${first.Message}`);
    }
  }

  async *list(owner: string): AsyncIterable<ListedFile> {
    for await (const { Contents = [] } of this.#pages(ownerPrefix(owner))) {
      for (const { Key = '', Size = 0, LastModified = new Date() } of Contents) {
        const key = Key.slice(this.#prefix.length);
        if (isKey(key)) yield { key, size: Size, modifiedAt: LastModified };
      }
    }
  }

  /** Aborts uploads of parts that a process began and did not end. */
  async removeAbandoned(): Promise<void> {
    await this.#temporary.removeAbandoned();
    const Bucket = this.settings.s3Bucket;
    let next: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } | undefined = {};
    while (next) {
      const page: ListMultipartUploadsCommandOutput = await this.#client.send(
        new ListMultipartUploadsCommand({ Bucket, Prefix: this.#prefix, ...next }),
      );
      for (const { Key, UploadId, Initiated } of page.Uploads ?? [])
        if (Initiated && Initiated.getTime() < Date.now() - ABANDONED_AFTER_MS)
          await this.#client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
      next = page.IsTruncated ? { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker } : undefined;
    }
  }

  async *owners(): AsyncIterable<string> {
    for await (const { CommonPrefixes = [] } of this.#pages('', { Delimiter: '/' })) {
      for (const { Prefix = '' } of CommonPrefixes) yield Prefix.slice(this.#prefix.length, -1);
    }
  }

  async #presign(object: GetObjectCommandInput): Promise<string> {
    const signingDate = new Date(Math.floor(Date.now() / SAME_URL_MS) * SAME_URL_MS);
    return await getSignedUrl(this.#client, new GetObjectCommand(object), { expiresIn: URL_SECONDS, signingDate });
  }

  #object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.settings.s3Bucket, Key: this.#prefix + key };
  }

  async #head(key: string): Promise<StoredFile | undefined> {
    try {
      const { ContentLength = 0, LastModified = new Date() } = await this.#client.send(
        new HeadObjectCommand(this.#object(key)),
      );
      return { size: ContentLength, modifiedAt: LastModified };
    } catch (error) {
      if (error instanceof NotFound) return undefined;
      throw error;
    }
  }

  /** @throws MissingFileError */
  async #get(key: string, Range: string | undefined): Promise<{ body: Readable; length: number }> {
    try {
      const { Body, ContentLength = 0 } = await this.#client.send(
        new GetObjectCommand({ ...this.#object(key), Range }),
      );
      return { body: Body as Readable, length: ContentLength };
    } catch (cause) {
      if (cause instanceof NoSuchKey) throw new MissingFileError(`The storage has no file ${key}`, { cause });
      throw cause;
    }
  }

  #pages(prefix: string, { pageSize, Delimiter }: { pageSize?: number; Delimiter?: string } = {}) {
    const paging = { client: this.#client, ...(pageSize !== undefined && { pageSize }) };
    return paginateListObjectsV2(paging, { Bucket: this.settings.s3Bucket, Prefix: this.#prefix + prefix, Delimiter });
  }
}

/** @throws Error for an invalid owner */
function ownerPrefix(owner: string): string {
  requireKey(`${owner}/x`);
  return `${owner}/`;
}
