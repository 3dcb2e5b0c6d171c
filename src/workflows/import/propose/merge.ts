/** Candidates → inputs with unique names. Equal values of one role become one input that feeds several places. */
import type { DraftInput } from '../draft.js';
import type { Candidate } from './candidates.js';

const LONGEST_NAME = 60;

/** Names of the graph and of people → letters, digits and underscores. */
export function slug(text: string): string {
  const ascii = text
    .slice(0, 2 * LONGEST_NAME)
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase();
  const name = ascii
    .replace(/[^a-z0-9]+/g, '_')
    .slice(0, LONGEST_NAME)
    .replace(/^_+|_+$/g, '');
  return /^[a-z]/.test(name) ? name : name === '' ? 'input' : `input_${name}`;
}

export class Names {
  readonly #used = new Map<string, number>();

  /** The name itself, or with a number behind it. */
  unique(text: string): { name: string; number: number } {
    const base = slug(text);
    let number = (this.#used.get(base) ?? 0) + 1;
    while (number > 1 && this.#used.has(`${base}_${number}`)) number += 1;
    this.#used.set(base, number);
    const name = number === 1 ? base : `${base}_${number}`;
    if (number > 1) this.#used.set(name, 1);
    return { name, number };
  }
}

export function merge(candidates: readonly Candidate[]): DraftInput[] {
  const groups = new Map<string, [Candidate, ...Candidate[]]>();
  for (const candidate of candidates) {
    const { role, type, default: value, place } = candidate;
    // Files have no value to compare: two pictures are two inputs.
    const key = JSON.stringify(value === undefined ? [place] : [role.name, type, value]);
    const group = groups.get(key);
    if (group) group.push(candidate);
    else groups.set(key, [candidate]);
  }
  const names = new Names();
  const counts = Map.groupBy(groups.values(), ([{ role }]) => role.name);
  return [...groups.values()].map((group) => {
    const [first, ...others] = group;
    const { place, role, nodeTitle, rank: _, ...description } = first;
    const { name, number } = names.unique(role.name);
    const isOnly = counts.get(role.name)?.length === 1;
    const more = isOnly ? '' : nodeTitle !== undefined ? ` (${nodeTitle})` : number > 1 ? ` ${number}` : '';
    return {
      name,
      title: `${role.title}${more}`,
      ...description,
      ...bounds(group),
      bindings: [place, ...others.map((other) => other.place)],
      isAdvanced: role.isAdvanced ?? false,
    };
  });
}

/** The bounds that hold in all places. */
function bounds(group: readonly Candidate[]): Pick<DraftInput, 'min' | 'max' | 'step'> {
  const given = (key: 'min' | 'max' | 'step') => group.map((each) => each[key]).filter((each) => each !== undefined);
  const most = (values: number[]) => (values.length > 0 ? values.reduce((a, b) => Math.max(a, b)) : undefined);
  const [min, max, step] = [given('min'), given('max'), given('step')];
  return {
    min: most(min),
    max: max.length > 0 ? max.reduce((a, b) => Math.min(a, b)) : undefined,
    step: most(step),
  };
}
