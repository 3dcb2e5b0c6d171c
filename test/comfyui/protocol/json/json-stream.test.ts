/** JSON that is parsed in chunks equals JSON that is parsed at once, wherever the chunks are cut. */
import fc from 'fast-check';
import { JsonStream, type Picker } from '../../../../src/comfyui/protocol/json/json-stream.js';

function parse(text: string, sizes: readonly number[], picker?: Picker): unknown {
  const json = new JsonStream(picker);
  for (let at = 0, nth = 0; at < text.length; nth++) {
    const size = sizes[nth % sizes.length] ?? 1;
    json.write(text.slice(at, at + size));
    at += size;
  }
  return json.end();
}

const orError = (read: () => unknown): unknown => {
  try {
    return read();
  } catch {
    return 'refused';
  }
};

const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });
const text = fc
  .tuple(fc.jsonValue(), fc.integer({ min: 0, max: 2 }))
  .map(([value, indent]) => JSON.stringify(value, null, indent));

test('any JSON in any chunks is parsed as JSON.parse does', () => {
  fc.assert(fc.property(text, sizes, (json, cuts) => void expect(parse(json, cuts)).toEqual(JSON.parse(json))));
});

test('truncated or damaged JSON is rejected if JSON.parse rejects it', () => {
  const damage = fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '1', '\\', 'x');
  fc.assert(
    fc.property(text, fc.nat(), damage, fc.boolean(), sizes, (json, place, inserted, isCut, cuts) => {
      const at = place % (json.length + 1);
      const damaged = json.slice(0, at) + inserted + (isCut ? '' : json.slice(at + 1));
      expect(orError(() => parse(damaged, cuts))).toEqual(orError(() => JSON.parse(damaged)));
    }),
  );
});

test('unwanted values are skipped, and the values around them are parsed', () => {
  const nested = fc.array(fc.jsonValue(), { maxLength: 3 });
  fc.assert(
    fc.property(nested, sizes, (skipped, cuts) => {
      const json = JSON.stringify({ before: [1, '"'], skipped, after: { a: 'b' } });
      const read = parse(json, cuts, { wants: ([key]) => key !== 'skipped' });
      expect(read).toEqual({ before: [1, '"'], skipped: null, after: { a: 'b' } });
    }),
  );
});

test('the floats that Python writes and JSON does not have are null', () => {
  expect(parse('{"a": [NaN, -Infinity, Infinity, "NaN"]}', [1])).toEqual({ a: [null, null, null, 'NaN'] });
});
