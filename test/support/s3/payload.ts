/** Decodes and verifies the body of a request: its hash, `aws-chunked` with a trailer, and checksums. */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';
import { S3Fault, sha256 } from './signature.js';

const CHECKSUMS: Record<string, (data: Buffer) => Buffer> = {
  'x-amz-checksum-crc32': (data) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(data));
    return sum;
  },
  'x-amz-checksum-sha256': (data) => createHash('sha256').update(data).digest(),
  'content-md5': (data) => createHash('md5').update(data).digest(),
};

export const checksumOf = (data: Buffer): string =>
  String(CHECKSUMS['x-amz-checksum-crc32']?.(data).toString('base64'));

/** @throws S3Fault */
export function decodePayload(raw: Buffer, headers: IncomingHttpHeaders): Buffer {
  const hash = String(headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD');
  const isChunked = hash.startsWith('STREAMING-');
  if (isChunked && hash !== 'STREAMING-UNSIGNED-PAYLOAD-TRAILER') throw new S3Fault(501, 'NotImplemented', hash);
  const { data, trailers } = isChunked ? unchunk(raw) : { data: raw, trailers: {} };
  if (isChunked && data.length !== Number(headers['x-amz-decoded-content-length']))
    throw new S3Fault(400, 'IncompleteBody');
  if (!isChunked && hash !== 'UNSIGNED-PAYLOAD' && hash !== sha256(data))
    throw new S3Fault(400, 'XAmzContentSHA256Mismatch');
  const trailer = headers['x-amz-trailer'];
  if (trailer !== undefined && !(String(trailer) in trailers)) throw new S3Fault(400, 'MalformedTrailerError');
  for (const [name, value] of Object.entries({ ...headers, ...trailers })) {
    const sum = CHECKSUMS[name];
    if (sum && sum(data).toString('base64') !== value) throw new S3Fault(400, 'BadDigest', name);
  }
  return data;
}

/** Chunks `<hex length>\r\n<bytes>\r\n`, the last one empty, and then lines of trailers. */
function unchunk(raw: Buffer): { data: Buffer; trailers: Record<string, string> } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const end = raw.indexOf('\r\n', at);
    const length = Number.parseInt(raw.subarray(at, end).toString(), 16);
    if (end < 0 || Number.isNaN(length)) throw new S3Fault(400, 'IncompleteBody');
    at = end + 2;
    if (length === 0) break;
    chunks.push(raw.subarray(at, at + length));
    at += length + 2;
  }
  const lines = raw.subarray(at).toString().split('\r\n').filter(Boolean);
  const trailers = Object.fromEntries(lines.map((line) => line.split(':') as [string, string]));
  return { data: Buffer.concat(chunks), trailers };
}
