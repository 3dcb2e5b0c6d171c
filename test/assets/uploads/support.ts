/** Helpers for tests of uploads. */
import { randomBytes } from 'node:crypto';
import sharp from 'sharp';
import { dataOf } from '../../generations/support.js';
import type { Answer, Client, Variables } from '../../support/client.js';

export type UploadSnapshot = {
  id: string;
  url: string;
  expiresAt: string;
  isFilled: boolean;
  filename: string | null;
  contentType: string;
  byteSize: number;
  width: number | null;
  height: number | null;
};

const FIELDS = 'id url expiresAt isFilled filename contentType byteSize width height';

export const tryUpload = (client: Client, input: Variables): Promise<Answer> =>
  client.ask(`mutation ($input: CreateUploadInput!) { createUpload(input: $input) { ${FIELDS} } }`, { input });

export const upload = async (client: Client, input: Variables = {}): Promise<UploadSnapshot> =>
  (await dataOf(tryUpload(client, { contentType: 'image/png', byteSize: 100, ...input }))).createUpload;

/** Null for an upload that does not exist. */
export const readUpload = async (client: Client, id: string): Promise<UploadSnapshot | null> =>
  (await dataOf(client.ask(`query ($id: ID!) { node(id: $id) { ... on Upload { ${FIELDS} } } }`, { id }))).node;

export const tryDelete = (client: Client, id: string): Promise<Answer> =>
  client.ask('mutation ($id: ID!) { deleteUpload(id: $id) }', { id });

/** A picture whose bytes differ from every other. */
export const picture = (width = 8, height = 8): Promise<Buffer> =>
  sharp(randomBytes(width * height * 3), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();

export const put = (url: string, body: Uint8Array<ArrayBuffer> | string | ReadableStream, init: RequestInit = {}) =>
  fetch(url, {
    method: 'PUT',
    body,
    ...(body instanceof ReadableStream && { duplex: 'half' }),
    ...init,
  } as RequestInit);

/** Status and error of a refused PUT. */
export async function refusal(response: Response): Promise<{ status: number; code: string; message: string }> {
  const { errors } = (await response.json()) as Required<Answer>;
  const [{ message, extensions }] = errors as [{ message: string; extensions: Record<string, unknown> }];
  return { status: response.status, code: String(extensions.code), message };
}

/** Creates an upload of these bytes and fills it. */
export async function filled(app: { url: string }, client: Client, bytes: Buffer, input: Variables = {}) {
  const created = await upload(client, { byteSize: bytes.length, ...input });
  const response = await put(app.url + created.url, new Uint8Array(bytes));
  if (response.status !== 204) throw new Error(`PUT: ${response.status} ${await response.text()}`);
  return created;
}
