/** Names a downloaded file: readable words of its prompt, and a unique suffix. */
import { extensionOfKey } from '../storage/storage.js';
import type { ImageRow, OutputFileRow } from './result-rows.js';

const MAX_LENGTH = 60;
const SUFFIX_LENGTH = 6;

type Named = Pick<ImageRow | OutputFileRow, 'id' | 'file' | 'prompt' | 'workflowName'>;

export function filenameOf({ id, file, prompt, workflowName }: Named): string {
  const extension = extensionOfKey(file);
  // The end of a UUIDv7 is random, and so differs for the files of a batch.
  return `${slugOf(prompt) || workflowName}-${id.slice(-SUFFIX_LENGTH)}${extension}`;
}

/** Words of letters and digits in any script, without characters that are special to a file system or a shell. */
function slugOf(prompt: string): string {
  const words =
    prompt
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  let slug = '';
  for (const word of words) {
    const longer = slug === '' ? [...word].slice(0, MAX_LENGTH).join('') : `${slug}-${word}`;
    if ([...longer].length > MAX_LENGTH) break;
    slug = longer;
  }
  return slug;
}
