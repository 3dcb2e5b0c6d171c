/** Whether every result can be fetched and read, and whether there is any file that nobody needs. */
import sharp from 'sharp';
import type { Violation } from './judge.js';
import type { Records, Shown } from './records.js';

export async function judgePictures({ shown, files }: Records, url: string): Promise<Violation[]> {
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
        what: `it has ${images} pictures, and ${names.length} files: ${names}`,
      });
  }
  for (const { id, result } of all)
    if ((result?.images.length ?? 0) > (files.get(id)?.length ?? 0))
      violations.push({ kind: 'orphans', id, what: 'it has more pictures than files' });
  return violations;
}

async function faultsOf({ result }: Shown, url: string): Promise<string[]> {
  const faults: string[] = [];
  for (const image of result?.images ?? []) {
    try {
      const response = await fetch(url + image.url);
      const bytes = Buffer.from(await response.arrayBuffer());
      if (response.status !== 200) faults.push(`the picture ${image.id} is answered with ${response.status}`);
      else if (bytes.length !== image.byteSize)
        faults.push(`the picture ${image.id} has ${bytes.length} bytes, and is said to have ${image.byteSize}`);
      else await sharp(bytes, { failOn: 'truncated' }).stats();
    } catch (error) {
      faults.push(`the picture ${image.id} cannot be read: ${error}`);
    }
  }
  return faults;
}
