/** The types that an author may choose for an input. The API decides; these lists only leave out what cannot fit. */
import type { InputType } from './form';

/** Types that exchange with each other. */
const FAMILIES: readonly (readonly InputType[])[] = [
  ['STRING', 'CHOICE', 'MODEL'],
  ['INT', 'SEED', 'FLOAT'],
  ['BOOLEAN'],
  ['LORAS'],
  ['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'FILE'],
];

/** What the constant of a graph is by itself. */
export function naturalTypeOf(constant: unknown): InputType {
  if (typeof constant === 'boolean') return 'BOOLEAN';
  if (typeof constant === 'number') return Number.isInteger(constant) ? 'INT' : 'FLOAT';
  return 'STRING';
}

/** @param type the present one, if it is known */
export function typesFor(type: InputType | null, constant: unknown): readonly InputType[] {
  const family = FAMILIES.find((each) => each.includes(type ?? naturalTypeOf(constant))) ?? [];
  return family;
}
