/** The body of a download that survives lost connections. */
import { Readable } from 'node:stream';
import { reasonOf } from '../../process/start-error.js';

/** In a row, without a byte between them. */
const MAX_FAILURES = 3;

/** The SDK compares the checksum of a whole object. Its errors have no code. */
const isDamaged = (error: unknown): boolean => /^Checksum mismatch/.test(reasonOf(error));

/**
 * Continues an interrupted body at the byte where it ended.
 * @param length of the body in bytes
 * @param reopen returns the rest after the first `received` bytes
 */
export function resumedBody(
  first: Readable,
  length: number,
  reopen: (received: number) => Promise<Readable>,
): Readable {
  let body = first;
  async function* chunks(): AsyncIterable<Buffer> {
    let received = 0;
    for (let failures = 0; ; body = await reopen(received)) {
      try {
        for await (const chunk of body as AsyncIterable<Buffer>) {
          received += chunk.length;
          failures = 0;
          yield chunk;
        }
        return;
      } catch (error) {
        failures += 1;
        if (failures > MAX_FAILURES || received >= length || isDamaged(error)) throw error;
      }
    }
  }
  const resumed = Readable.from(chunks(), { objectMode: false });
  // Otherwise an iterator that waits for a chunk would keep the connection.
  resumed.once('close', () => body.destroy());
  return resumed;
}
