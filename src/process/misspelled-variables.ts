/** Finds environment variables that resemble ours, because a misspelled one would be ignored silently. */

/** Other programs hardly use these prefixes. */
const OUR_PREFIX = /^COMFY(GRAPH|UI)?_/i;
/** Read by other parts of the project. */
const OTHERS = /^(SIMULATOR|TEST)_/;
/** Shorter names resemble too many variables of other programs. */
const MIN_LENGTH = 7;
const MAX_TYPING_ERRORS = 2;

type Misspelled = { variable: string; meant: string | undefined };

/** @param known the names that the server reads */
export function findMisspelled(env: NodeJS.ProcessEnv, known: readonly string[]): Misspelled[] {
  const names = Object.keys(env).filter((name) => env[name]?.trim() && !known.includes(name) && !OTHERS.test(name));
  return names.flatMap((variable) => {
    const meant = nearest(variable, known) ?? nearest(variable.replace(OUR_PREFIX, ''), known);
    return meant !== undefined || OUR_PREFIX.test(variable) ? [{ variable, meant }] : [];
  });
}

function nearest(variable: string, known: readonly string[]): string | undefined {
  const wanted = plain(variable);
  const same = known.find((name) => plain(name) === wanted);
  // Names without an underscore are skipped: HOST and PORT resemble variables of other programs.
  if (same !== undefined || wanted.length < MIN_LENGTH) return same;
  const distances = known
    .filter((name) => name.includes('_'))
    .map((name) => ({ name, distance: distanceOf(plain(name), wanted) }));
  return distances.filter(({ distance }) => distance <= MAX_TYPING_ERRORS).sort((a, b) => a.distance - b.distance)[0]
    ?.name;
}

const plain = (name: string): string => name.toUpperCase().replaceAll('_', '');

/** Levenshtein distance. */
function distanceOf(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
