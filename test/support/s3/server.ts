/** An S3 server: one bucket, addressed by its path. It verifies signatures and checksums, and fails on demand. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Bucket } from './bucket.js';
import { decodePayload } from './payload.js';
import { type Credentials, S3Fault, verifySignature } from './signature.js';

export const BUCKET = 'pictures';
export const CREDENTIALS: Credentials = {
  accessKeyId: 'AKIDTEST',
  secretAccessKey: 'a-secret/of+the-tests',
  region: 'us-east-1',
};

/** Where the SDK finds its credentials: in the environment of the process. */
export const CREDENTIAL_ENV = {
  AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
  AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
};
Object.assign(process.env, CREDENTIAL_ENV);

/**
 * `cut` closes the connection in the middle: of the request if it has a body, otherwise of the response. `lost` closes it after the
 * operation, without an answer. `silent` never answers.
 */
export type Fault = 'InternalError' | 'SlowDown' | 'AccessDenied' | 'cut' | 'lost' | 'silent';
const STATUS: Partial<Record<Fault, number>> = { InternalError: 500, SlowDown: 503, AccessDenied: 403 };

export type S3Server = {
  url: string;
  /** Variables of a server that stores its files here. */
  env: Record<string, string>;
  bucket: Bucket;
  /** Each request that arrived, such as `PUT` or `POST uploads`, and its key. */
  requests: { operation: string; key: string }[];
  /** The answer to each request is this fault, until the next call. @param when which requests fail */
  fail(fault: Fault | undefined, when?: (operation: string, key: string) => boolean): void;
  close(): Promise<void>;
};

type Call = { operation: string; key: string; query: URLSearchParams; request: IncomingMessage; body: Buffer };

/** Of the queries that select an operation. */
const SELECTORS = ['uploads', 'uploadId', 'delete', 'list-type'];

export type S3Options = {
  /** By default any free one. */
  port?: number;
  /** Where its objects outlive it; by default they are in memory alone. */
  folder?: string;
};

export async function startS3({ port = 0, folder }: S3Options = {}): Promise<S3Server> {
  const bucket = new Bucket(folder);
  const requests: S3Server['requests'] = [];
  let failing: { fault: Fault | undefined; when: (operation: string, key: string) => boolean } | undefined;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(String(request.url), 'http://s3');
    const rawPath = String(request.url).split('?')[0] ?? '';
    const [, name, ...path] = decodeURIComponent(rawPath).split('/');
    const key = path.join('/');
    const selector = SELECTORS.find((each) => url.searchParams.has(each));
    const operation = [request.method, selector].filter(Boolean).join(' ');
    requests.push({ operation, key });
    const fault = failing?.when(operation, key) ? failing.fault : undefined;
    if (fault === 'silent') return;
    const hasBody = Number(request.headers['content-length'] ?? 0) > 0;
    if (fault === 'cut' && hasBody) return void request.once('data', () => request.destroy());
    if (fault === 'cut' && operation !== 'GET') return void request.destroy();
    const raw = await buffer(request);
    if (fault && STATUS[fault]) throw new S3Fault(STATUS[fault], fault);
    verifySignature({ method: String(request.method), url, rawPath, headers: request.headers }, CREDENTIALS);
    if (name !== BUCKET) throw new S3Fault(404, 'NoSuchBucket');
    const body = decodePayload(raw, request.headers);
    if (fault === 'lost') response.destroy();
    answer(bucket, { operation, key, query: url.searchParams, request, body }, response, fault === 'cut');
  };

  const server = createServer((request, response) => {
    request.on('error', () => {});
    handle(request, response).catch((error) => {
      const fault = error instanceof S3Fault ? error : new S3Fault(500, 'InternalError', String(error));
      const xml = `<Error><Code>${fault.code}</Code><Message>${fault.message}</Message></Error>`;
      response.writeHead(fault.status, { 'Content-Type': 'application/xml' });
      response.end(request.method === 'HEAD' ? undefined : xml);
    });
  });
  await new Promise<void>((listening) => server.listen(port, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    env: { S3_BUCKET: BUCKET, S3_ENDPOINT: url },
    bucket,
    requests,
    fail: (fault, when = () => true) => {
      failing = { fault, when };
    },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

function answer(
  bucket: Bucket,
  { operation, key, query, request, body }: Call,
  response: ServerResponse,
  cut: boolean,
) {
  const sendXml = (xml: string) =>
    void response.writeHead(200, { 'Content-Type': 'application/xml' }).end(`<?xml version="1.0"?>${xml}`);
  const uploadId = query.get('uploadId') ?? '';
  switch (operation) {
    case 'PUT':
      return void response.writeHead(200, { ETag: bucket.put(key, body).etag }).end();
    case 'PUT uploadId': {
      const etag = bucket.putPart(uploadId, Number(query.get('partNumber')), body);
      return void response.writeHead(200, { ETag: etag }).end();
    }
    case 'POST uploads':
      return sendXml(bucket.begin(key));
    case 'POST uploadId':
      return sendXml(bucket.complete(uploadId, body.toString()));
    case 'DELETE uploadId':
      bucket.abort(uploadId);
      return void response.writeHead(204).end();
    case 'GET uploads':
      return sendXml(bucket.listUploads(query.get('prefix') ?? ''));
    case 'GET list-type':
      return sendXml(bucket.list(query));
    case 'POST delete':
      return sendXml(bucket.deleteAll(body.toString()));
    case 'DELETE':
      bucket.objects.delete(key);
      return void response.writeHead(204).end();
    case 'HEAD':
    case 'GET':
      return send(bucket, key, query, request, response, cut);
    default:
      throw new S3Fault(501, 'NotImplemented', operation);
  }
}

function send(
  bucket: Bucket,
  key: string,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
  cut: boolean,
): void {
  const { bytes, etag, checksum, modifiedAt } = bucket.get(key);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const [start, end] = range ? [Number(range[1]), Number(range[2] || bytes.length - 1)] : [0, bytes.length - 1];
  if (range && start >= bytes.length) throw new S3Fault(416, 'InvalidRange');
  const part = bytes.subarray(start, end + 1);
  response.writeHead(range ? 206 : 200, {
    ETag: etag,
    'Content-Length': part.length,
    'Last-Modified': modifiedAt.toUTCString(),
    'Accept-Ranges': 'bytes',
    'Content-Type': query.get('response-content-type') ?? 'application/octet-stream',
    'Cache-Control': query.get('response-cache-control') ?? '',
    ...(query.has('response-content-disposition') && {
      'Content-Disposition': String(query.get('response-content-disposition')),
    }),
    ...(range ? { 'Content-Range': `bytes ${start}-${end}/${bytes.length}` } : { 'x-amz-checksum-crc32': checksum }),
  });
  if (request.method === 'HEAD') return void response.end();
  if (!cut) return void response.end(part);
  response.write(part.subarray(0, Math.ceil(part.length / 2)), () => response.destroy());
}
