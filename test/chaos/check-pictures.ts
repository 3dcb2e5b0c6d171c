/** Checks that every result can be fetched and decoded, and that no orphaned file exists. */
import sharp from 'sharp';
import type { Records, ShownGeneration } from './records.js';
import type { Violation } from './verdict.js';

export async function checkPictures({ shown, files }: Records, url: string): Promise<Violation[]> {
  const violations: Violation[] = [];
  const all = [...shown.values()].flat();
  for (const generation of all)
    for (const fault of await faultsOf(generation, url))
      violations.push({ kind: 'wrong', id: generation.id, what: fault });
  const byId = new Map(all.map((generation) => [generation.id, generation]));
  for (const [owner, names] of files) {
    const images = byId.get(owner)?.result?.images.length ?? 0;
    if (names.length > images)
      violations.push({
        kind: 'orphans',
        id: owner,
        what: `it has ${images} pictures, but ${names.length} files: ${names}`,
      });
  }
  for (const { id, result } of all)
    if ((result?.images.length ?? 0) > (files.get(id)?.length ?? 0))
      violations.push({ kind: 'orphans', id, what: 'it has more pictures than files' });
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
