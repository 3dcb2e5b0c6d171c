/** Names from the words of people. */

const MAX_NAME = 64;

/** What the API takes as the name of a workflow. */
export const NAME_PATTERN = '[a-z0-9][a-z0-9\\-]{0,63}';
/** What it takes as the name of an input. */
export const INPUT_PATTERN = '[A-Za-z][A-Za-z0-9_]{0,63}';
/** What it takes as the name of an output. */
export const OUTPUT_PATTERN = '[A-Za-z0-9][A-Za-z0-9_\\-]{0,63}';

const plain = (text: string): string => text.normalize('NFKD').replaceAll(/\p{M}/gu, '');

/** @returns such as `my-poster` */
export const nameOf = (text: string): string =>
  plain(text)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, MAX_NAME);

/** @returns such as `sampler_steps`, other than the names that are `taken` */
export function inputNameOf(text: string, taken: readonly string[]): string {
  const word = plain(text)
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^[^A-Za-z]+|_$/g, '');
  const base = word.slice(0, MAX_NAME - 4) || 'input';
  let name = base;
  for (let count = 2; taken.includes(name); count += 1) name = `${base}_${count}`;
  return name;
}
