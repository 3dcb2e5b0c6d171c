/** Whatever the bytes are, a file is identified or refused. */
import fc from 'fast-check';
import { InvalidImageError } from '../../../src/assets/media/image.js';
import { probeMedia } from '../../../src/assets/media/probe.js';
import { stripMetadata, UnstrippableError } from '../../../src/assets/media/strip.js';
import * as files from './support.js';
import { images, others } from './tagged.js';

type Change = { at: number; kind: 'flip' | 'huge' | 'cut' | 'repeat'; value: number };

const changes: { [kind in Change['kind']]: (file: Buffer, at: number, value: number) => Buffer } = {
  flip: (file, at, value) => Buffer.concat([file.subarray(0, at), Buffer.of(value), file.subarray(at + 1)]),
  huge: (file, at) => Buffer.concat([file.subarray(0, at), Buffer.alloc(4, 0xff), file.subarray(at + 4)]),
  cut: (file, at) => file.subarray(0, at),
  repeat: (file, at, value) => Buffer.concat([file.subarray(0, at + value), file.subarray(at)]),
};

const change = fc.record<Change>({
  // More often near the start, where the structure is.
  at: fc.oneof(fc.nat(200), fc.nat(4_000)),
  kind: fc.constantFrom('flip', 'huge', 'cut', 'repeat'),
  value: fc.nat(255),
});

test('a damaged file is identified, is an invalid image, or cannot be stripped', async () => {
  const made = await Promise.all(Object.values({ ...images, ...others }).map((make) => make()));
  const property = fc.asyncProperty(
    fc.constantFrom(...made),
    fc.array(change, { minLength: 1 }),
    async (file, list) => {
      const damaged = list.reduce(
        (bytes, { at, kind, value }) => changes[kind](bytes, at % bytes.length || 0, value),
        file,
      );
      const path = await files.saved('damaged', damaged);
      await probeMedia(path).catch((error) => expect(error).toBeInstanceOf(InvalidImageError));
      await stripMetadata(path, `${path}.copy`).catch((error) => expect(error).toBeInstanceOf(UnstrippableError));
    },
  );
  await fc.assert(property, { numRuns: 200 });
});
