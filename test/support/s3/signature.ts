/** Verifies AWS Signature Version 4 of a request to S3: in the header Authorization, or in the query of a presigned URL. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export type Credentials = { accessKeyId: string; secretAccessKey: string; region: string };
export type SignedRequest = { method: string; url: URL; rawPath: string; headers: IncomingHttpHeaders };

/** The error code of S3. */
export class S3Fault extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string = code) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const MAX_SKEW_MS = 15 * 60_000;
export const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest();

/** RFC 3986: encodeURIComponent leaves these four. */
const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`);

const timeOf = (date: string): number =>
  Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));

/** @throws S3Fault */
export function verifySignature(request: SignedRequest, credentials: Credentials): void {
  const { url, headers } = request;
  const query = url.searchParams;
  const isPresigned = query.has('X-Amz-Signature');
  const given = isPresigned
    ? {
        credential: query.get('X-Amz-Credential') ?? '',
        signedHeaders: query.get('X-Amz-SignedHeaders') ?? '',
        signature: query.get('X-Amz-Signature') ?? '',
      }
    : fromHeader(headers.authorization);
  const date = isPresigned ? (query.get('X-Amz-Date') ?? '') : String(headers['x-amz-date']);
  const [accessKeyId, day, region, service, end] = given.credential.split('/');
  if (accessKeyId !== credentials.accessKeyId) throw new S3Fault(403, 'InvalidAccessKeyId');
  if (region !== credentials.region) throw new S3Fault(400, 'AuthorizationHeaderMalformed');
  if (service !== 's3' || end !== 'aws4_request' || day !== date.slice(0, 8))
    throw new S3Fault(403, 'SignatureDoesNotMatch');
  requireTime(date, isPresigned ? Number(query.get('X-Amz-Expires')) : undefined);

  const payload = isPresigned ? 'UNSIGNED-PAYLOAD' : String(headers['x-amz-content-sha256']);
  const canonical = canonicalRequest(request, given.signedHeaders.split(';'), payload);
  const text = ['AWS4-HMAC-SHA256', date, `${day}/${region}/s3/aws4_request`, sha256(canonical)].join('\n');
  const key = [day, region, service, end].reduce<string | Buffer>(
    (previous, part) => hmac(previous, String(part)),
    `AWS4${credentials.secretAccessKey}`,
  );
  if (hmac(key, text).toString('hex') !== given.signature) throw new S3Fault(403, 'SignatureDoesNotMatch');
}

function fromHeader(header = ''): { credential: string; signedHeaders: string; signature: string } {
  const found = /^AWS4-HMAC-SHA256 Credential=(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(header);
  if (!found) throw new S3Fault(403, 'AccessDenied', 'The request is not signed');
  return { credential: String(found[1]), signedHeaders: String(found[2]), signature: String(found[3]) };
}

function requireTime(date: string, expiresSeconds: number | undefined): void {
  const age = Date.now() - timeOf(date);
  if (!(age > -MAX_SKEW_MS)) throw new S3Fault(403, 'RequestTimeTooSkewed');
  if (expiresSeconds === undefined && age > MAX_SKEW_MS) throw new S3Fault(403, 'RequestTimeTooSkewed');
  if (expiresSeconds !== undefined && age > expiresSeconds * 1000)
    throw new S3Fault(403, 'AccessDenied', 'Request has expired');
}

function canonicalRequest({ method, url, rawPath, headers }: SignedRequest, signed: string[], payload: string): string {
  if (!signed.includes('host')) throw new S3Fault(403, 'SignatureDoesNotMatch');
  const unsigned = Object.keys(headers).filter((name) => name.startsWith('x-amz-') && !signed.includes(name));
  if (unsigned.length > 0) throw new S3Fault(403, 'AccessDenied', `Headers are not signed: ${unsigned.join()}`);
  const query = [...url.searchParams]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .sort()
    .join('&');
  const lines = signed.map((name) => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`).join('');
  return [method, rawPath, query, lines, signed.join(';'), payload].join('\n');
}
