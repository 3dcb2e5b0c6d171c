/** Names a downloaded file: readable words of its prompt, and a unique suffix. */
import { extensionOfKey } from '../storage/storage.js';
import { shortNameOf } from '../workflows/saved/names.js';
import type { ImageRow, OutputFileRow } from './result-rows.js';

const MAX_LENGTH = 60;
/** File systems allow 255 bytes, and some scripts have four for each letter. */
const MAX_BYTES = 200;
const SUFFIX_LENGTH = 6;
const LETTERS = new Intl.Segmenter('und', { granularity: 'grapheme' });

type Named = Pick<ImageRow | OutputFileRow, 'id' | 'file' | 'prompt' | 'workflowName'>;

export function filenameOf({ id, file, prompt, workflowName }: Named): string {
  const extension = extensionOfKey(file);
  // The end of a UUIDv7 is random, and so differs for the files of a batch.
  return `${slugOf(prompt) || shortNameOf(workflowName)}-${id.slice(-SUFFIX_LENGTH)}${extension}`;
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
    const longer = slug === '' ? word : `${slug}-${word}`;
    if (!fits(longer)) return slug || startOf(word);
    slug = longer;
  }
  return slug;
}

const fits = (text: string): boolean => [...text].length <= MAX_LENGTH && Buffer.byteLength(text) <= MAX_BYTES;

/** As much as fits, without a part of a letter and its marks. */
function startOf(text: string): string {
  let start = '';
  for (const { segment } of LETTERS.segment(text)) {
    if (!fits(start + segment)) break;
    start += segment;
  }
  return start;
}
