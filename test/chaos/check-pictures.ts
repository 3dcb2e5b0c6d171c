/** Checks that every result can be fetched and decoded, and that no orphaned file exists. */
import sharp from 'sharp';
import type { Records, ShownGeneration } from './records.js';
import type { Violation } from './verdict.js';

export async function checkPictures({ shown, strays }: Records, url: string): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const generation of [...shown.values()].flat())
    for (const fault of await faultsOf(generation, url))
      violations.push({ kind: 'wrong', id: generation.id, what: fault });
  for (const key of strays)
    violations.push({ kind: 'orphans', what: `the file ${key} has no row, or the row has no file` });
  return violations;
}

async function faultsOf({ result }: ShownGeneration, url: string): Promise<string[]> {
  const faults: string[] = [];
  for (const image of result?.images ?? []) {
    try {
      const response = await fetch(url + image.url);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.status !== 200) faults.push(`the picture ${image.id} returned ${response.status}`);
      else if (bytes.length !== image.byteSize)
        faults.push(`the picture ${image.id} has ${bytes.length} bytes instead of ${image.byteSize}`);
      else await sharp(bytes, { failOn: 'truncated' }).stats();
    } catch (error) {
      faults.push(`the picture ${image.id} cannot be read: ${error}`);
    }
  }
  return faults;
}
