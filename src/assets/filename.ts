/** The name that a picture is saved under: from its prompt, so that people find it again, and unique. */
import type { ImageRow } from './result-rows.js';

const MAX_LENGTH = 60;
const SUFFIX_LENGTH = 6;

export function filenameOf({ id, file, prompt, workflowName }: ImageRow): string {
  const extension = file.slice(file.lastIndexOf('.'));
  // The end of a UUIDv7 is random, and the same for no two pictures of a batch.
  return `${slugOf(prompt) || workflowName}-${id.slice(-SUFFIX_LENGTH)}${extension}`;
}

/** Letters and digits of any script, in words; nothing that a file system or a shell takes for something else. */
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
