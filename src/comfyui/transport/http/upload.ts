/** Encodes a file as the multipart form that ComfyUI's upload route takes. */
import { randomUUID } from 'node:crypto';

export type Upload = {
  bytes: Uint8Array;
  /** Without folders. ComfyUI changes the name if it has a different file of this name: use the name that it returns. */
  filename: string;
  contentType: string;
  /** A folder under ComfyUI's input folder. */
  subfolder?: string;
};

export function multipart({ bytes, filename, contentType, subfolder }: Upload): {
  body: Uint8Array;
  contentType: string;
} {
  const boundary = `----${randomUUID()}`;
  const field = (name: string, value: string) =>
    `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const head =
    field('type', 'input') +
    (subfolder ? field('subfolder', subfolder) : '') +
    `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="${quoted(filename)}"\r\n` +
    `Content-Type: ${contentType.replaceAll(/[\r\n]/g, '')}\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  return { body, contentType: `multipart/form-data; boundary=${boundary}` };
}

/** Escapes as browsers do (WHATWG HTML, multipart form data). */
const quoted = (filename: string): string =>
  filename.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
