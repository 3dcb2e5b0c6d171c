/** What is wrong with the values of a form, before the API is asked. */

import type { FormInput } from './form-input';
import { stepOf } from './presentation';
import { asLoras, asNumber, asSeed, asText, type Value, type Values } from './values';

export type ValueProblem =
  | { kind: 'required' | 'whole' }
  | { kind: 'seed'; limit: string }
  | { kind: 'tooLong' | 'tooMany'; limit: number }
  | { kind: 'range' | 'strength'; min: number; max: number }
  | { kind: 'stepped'; min: number; max: number; step: number; nearest: number }
  | { kind: 'step'; step: number; nearest: number };

/** The limits of the API. */
export const MAX_STRENGTH = 10;

const MAX_SEED = 2n ** 64n - 1n;

/** @returns the problems by the names of the inputs */
export function validate(inputs: readonly FormInput[], values: Values): Record<string, ValueProblem> {
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const problem = problemOfValue(input, values[input.name]);
      return problem ? [[input.name, problem]] : [];
    }),
  );
}

export function problemOfValue(input: FormInput, value: Value | undefined): ValueProblem | undefined {
  if (isEmpty(value)) return input.required || needsText(input, value) ? { kind: 'required' } : undefined;
  const text = asText(value);
  if (input.type === 'STRING' && text !== undefined && input.max !== null && [...text].length > input.max)
    return { kind: 'tooLong', limit: input.max };
  const loras = asLoras(value);
  if (loras && input.max !== null && loras.length > input.max) return { kind: 'tooMany', limit: input.max };
  if (loras?.some(({ strength }) => Math.abs(strength) > MAX_STRENGTH))
    return { kind: 'strength', min: -MAX_STRENGTH, max: MAX_STRENGTH };
  const seed = input.type === 'SEED' ? asSeed(value) : undefined;
  if (seed && BigInt(seed.value) > MAX_SEED) return { kind: 'seed', limit: String(MAX_SEED) };
  const number = asNumber(value);
  return number === undefined ? undefined : problemOfNumber(input, number);
}

function problemOfNumber(input: FormInput, number: number): ValueProblem | undefined {
  const { min, max, type, step } = input;
  const isOutside = number < (min ?? number) || number > (max ?? number);
  const isOff = type === 'INT' && step !== null && step > 1 && (number - (min ?? 0)) % step !== 0;
  if ((isOutside || isOff) && type === 'INT' && step !== null && step > 1) {
    const allowed = { step, nearest: nearest(input, number) };
    return min !== null && max !== null ? { kind: 'stepped', min, max, ...allowed } : { kind: 'step', ...allowed };
  }
  if (isOutside) return { kind: 'range', min: min ?? Number.NEGATIVE_INFINITY, max: max ?? Number.POSITIVE_INFINITY };
  return type === 'INT' && !Number.isInteger(number) ? { kind: 'whole' } : undefined;
}

const isEmpty = (value: Value | undefined): boolean =>
  value === undefined || (typeof value === 'string' && value.trim() === '');

/** An empty text is a value of its own unless the input has a minimum length. */
const needsText = ({ type, min }: FormInput, value: Value | undefined): boolean =>
  type === 'STRING' && value !== undefined && (min ?? 0) > 0;

/** @returns the nearest number that the input allows */
export function nearest(input: FormInput, number: number): number {
  const { type, min, max } = input;
  const within = Math.min(max ?? number, Math.max(min ?? number, number));
  if (type !== 'INT') return within;
  const [first, step] = [min ?? 0, stepOf(input)];
  const stepped = first + Math.round((within - first) / step) * step;
  return max !== null && stepped > max ? stepped - step : stepped;
}
