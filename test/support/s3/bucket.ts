/** What a bucket holds, and what S3 answers about it. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checksumOf } from './payload.js';
import { S3Fault } from './signature.js';

export type StoredObject = { bytes: Buffer; etag: string; checksum: string; modifiedAt: Date };
type Multipart = { key: string; initiatedAt: Date; parts: Map<number, { bytes: Buffer; etag: string }> };

const MIN_PART_BYTES = 5 * 1024 * 1024;
/** Ends the names of files that are being written; `encodeURIComponent` leaves no such name. */
const UNFINISHED = ' ';
const md5 = (data: Buffer): string => createHash('md5').update(data).digest('hex');
const toObject = (bytes: Buffer, modifiedAt: Date, etag = md5(bytes)): StoredObject => ({
  bytes,
  etag: `"${etag}"`,
  checksum: checksumOf(bytes),
  modifiedAt,
});
const escapeXml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const tag = (name: string, ...content: (string | number | boolean)[]): string =>
  `<${name}>${content.join('')}</${name}>`;
const text = (name: string, value: string | number | boolean): string => tag(name, escapeXml(String(value)));

/** Objects with a copy of each on the disk. */
class KeptObjects extends Map<string, StoredObject> {
  readonly #folder: string;

  constructor(folder: string) {
    super();
    mkdirSync(folder, { recursive: true });
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (name.endsWith(UNFINISHED)) rmSync(path);
      else super.set(decodeURIComponent(name), toObject(readFileSync(path), statSync(path).mtime));
    }
    this.#folder = folder;
  }

  /** Atomic, so that a killed server has the object whole or not at all. */
  override set(key: string, object: StoredObject): this {
    const path = this.#pathOf(key);
    writeFileSync(path + UNFINISHED, object.bytes);
    renameSync(path + UNFINISHED, path);
    return super.set(key, object);
  }

  override delete(key: string): boolean {
    rmSync(this.#pathOf(key), { force: true });
    return super.delete(key);
  }

  #pathOf(key: string): string {
    return join(this.#folder, encodeURIComponent(key));
  }
}

export class Bucket {
  readonly objects: Map<string, StoredObject>;
  readonly uploads = new Map<string, Multipart>();

  /** @param folder keeps the objects beyond the end of the process; without it they are in memory alone */
  constructor(folder?: string) {
    this.objects = folder === undefined ? new Map() : new KeptObjects(folder);
  }

  put(key: string, bytes: Buffer, etag?: string): StoredObject {
    const stored = toObject(bytes, new Date(), etag);
    this.objects.set(key, stored);
    return stored;
  }

  get(key: string): StoredObject {
    const found = this.objects.get(key);
    if (!found) throw new S3Fault(404, 'NoSuchKey');
    return found;
  }

  list(query: URLSearchParams): string {
    const prefix = query.get('prefix') ?? '';
    const delimiter = query.get('delimiter');
    const max = Number(query.get('max-keys') ?? 1000);
    const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
    const entries = new Map<string, string>();
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix)).sort();
    let last = '';
    let isTruncated = false;
    for (const key of keys) {
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      const name = cut < 0 ? key : key.slice(0, cut + 1);
      if (name <= after || entries.has(name)) continue;
      if (entries.size === max) {
        isTruncated = true;
        break;
      }
      last = name;
      entries.set(name, cut < 0 ? this.#contents(key) : tag('CommonPrefixes', text('Prefix', name)));
    }
    const next = isTruncated ? text('NextContinuationToken', last) : '';
    return tag(
      'ListBucketResult',
      text('IsTruncated', isTruncated),
      text('KeyCount', entries.size),
      next,
      ...entries.values(),
    );
  }

  #contents(key: string): string {
    const { bytes, etag, modifiedAt } = this.get(key);
    return tag(
      'Contents',
      text('Key', key),
      text('Size', bytes.length),
      text('ETag', etag),
      text('LastModified', modifiedAt.toISOString()),
    );
  }

  deleteAll(body: string): string {
    for (const [, key] of body.matchAll(/<Key>([^<]*)<\/Key>/g)) this.objects.delete(String(key));
    return tag('DeleteResult');
  }

  begin(key: string): string {
    const id = randomUUID();
    this.uploads.set(id, { key, initiatedAt: new Date(), parts: new Map() });
    return tag('InitiateMultipartUploadResult', text('Key', key), text('UploadId', id));
  }

  putPart(id: string, part: number, bytes: Buffer): string {
    const etag = `"${md5(bytes)}"`;
    this.#upload(id).parts.set(part, { bytes, etag });
    return etag;
  }

  complete(id: string, body: string): string {
    const { key, parts } = this.#upload(id);
    const named = [...body.matchAll(/<Part>.*?<\/Part>/gs)].map(([part]) => ({
      number: Number(/<PartNumber>(\d+)</.exec(part)?.[1]),
      etag: /<ETag>(.*?)</.exec(part)?.[1]?.replaceAll('&quot;', '"'),
    }));
    const chosen = named.map(({ number, etag }) => {
      const part = parts.get(number);
      if (!part || part.etag !== etag) throw new S3Fault(400, 'InvalidPart');
      return part.bytes;
    });
    if (chosen.slice(0, -1).some(({ length }) => length < MIN_PART_BYTES)) throw new S3Fault(400, 'EntityTooSmall');
    const { etag } = this.put(key, Buffer.concat(chosen), `${md5(Buffer.concat(chosen))}-${chosen.length}`);
    this.uploads.delete(id);
    return tag('CompleteMultipartUploadResult', text('Key', key), text('ETag', etag));
  }

  abort(id: string): void {
    this.#upload(id);
    this.uploads.delete(id);
  }

  listUploads(prefix: string): string {
    const found = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
    const uploads = found.map(([id, { key, initiatedAt }]) =>
      tag('Upload', text('Key', key), text('UploadId', id), text('Initiated', initiatedAt.toISOString())),
    );
    return tag('ListMultipartUploadsResult', text('IsTruncated', false), ...uploads);
  }

  #upload(id: string): Multipart {
    const found = this.uploads.get(id);
    if (!found) throw new S3Fault(404, 'NoSuchUpload');
    return found;
  }
}
