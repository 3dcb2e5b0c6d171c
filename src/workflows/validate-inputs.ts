/** Validates the values of a workflow's inputs, and fills in defaults. The names of models and the ids of files are validated elsewhere. */
import { randomInt } from 'node:crypto';
import { badUserInput } from '../graphql/errors.js';
import { MAX_SEED } from '../graphql/scalars.js';
import { nearest } from '../graphql/suggestions.js';
import { requireStorable } from '../graphql/text.js';
import { validateLoras } from './loras.js';
import { preferred } from './preferred.js';
import type { Input, InputValues, Workflow } from './workflow.js';

/** The choices that the backends' catalogues list for a CHOICE; undefined while the catalogue of a backend is unknown. */
type Choices = (input: Input) => readonly string[] | undefined;

/** @throws BAD_USER_INPUT naming the input that is unknown, missing or out of range */
export function validateInputs(workflow: Workflow, given: InputValues, choices: Choices): InputValues {
  const known = new Set(workflow.inputs.map((input) => input.name));
  for (const [name, value] of Object.entries(given)) {
    if (!known.has(name) && value != null)
      throw badUserInput(`The workflow ${workflow.name} has no input ${name}`, name, {
        suggestions: nearest(name, [...known]),
      });
  }
  const own = (name: string) => (Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined);
  // The inputs of an unlisted workflow are all the constants of its graph: only those that the caller changes are values.
  const inputs =
    workflow.saved?.isListed === false
      ? workflow.inputs.filter(({ name, required }) => required || own(name) !== undefined)
      : workflow.inputs;
  return Object.fromEntries(inputs.map((input) => [input.name, resolveInput(input, own(input.name), choices)]));
}

/** @throws BAD_USER_INPUT naming the input */
export const validateValue = (input: Input, value: unknown, choices: Choices): unknown =>
  VALIDATORS[input.type](input, value, choices);

function resolveInput(input: Input, given: unknown, choices: Choices): unknown {
  if (given === undefined) {
    if (input.type === 'SEED' && input.default === undefined && !input.required) return drawSeed();
    if (input.required) throw badUserInput(`${input.name} is required`, input.name);
    const preset = preferred(input.prefers, input.catalogue && choices(input)) ?? input.default;
    return preset ?? (input.type === 'LORAS' ? [] : null);
  }
  return validateValue(input, given, choices);
}

/** Below 2^53, so that clients that parse it as a number keep it exact. */
const drawSeed = (): string => String(randomInt(2 ** 48 - 1));

const invalid = (input: Input, expected: string) => badUserInput(`${input.name} must be ${expected}`, input.name);

const string = (input: Input, value: unknown): string => {
  if (typeof value !== 'string') throw invalid(input, 'a string');
  requireStorable(value, input.name);
  return value;
};

const text = (input: Input, value: unknown): string => {
  const given = string(input, value);
  const length = [...given].length;
  if (input.max !== undefined && length > input.max)
    throw invalid(input, `at most ${input.max} characters, not ${length}`);
  if (input.min && given.trim() === '') throw invalid(input, 'text that is not blank');
  return given;
};

const number = (input: Input, value: unknown): number => {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(input, 'a number');
  const { min = -Number.MAX_VALUE, max = Number.MAX_VALUE } = input;
  if (value < min || value > max)
    throw invalid(input, `from ${input.min ?? '-∞'} to ${input.max ?? '∞'}, not ${value}`);
  return value;
};

const integer = (input: Input, value: unknown): number => {
  const given = number(input, value);
  if (!Number.isInteger(given)) throw invalid(input, 'a whole number');
  if (input.step && (given - (input.min ?? 0)) % input.step !== 0)
    throw invalid(input, `a multiple of ${input.step}, not ${given}`);
  return given;
};

const seed = (input: Input, value: unknown): string => {
  const isWhole = typeof value === 'number' ? Number.isSafeInteger(value) : typeof value === 'string';
  if (!isWhole || !/^\d{1,20}$/.test(String(value)) || BigInt(String(value)) > MAX_SEED)
    throw invalid(input, 'an integer from 0 to 2^64-1; above 2^53-1 as a string');
  return BigInt(String(value)).toString();
};

const choice = (input: Input, value: unknown, choices: Choices): string => {
  const given = string(input, value);
  // While the catalogue of a backend is unknown, ComfyUI validates the choice.
  const offered = choices(input);
  if (offered && !offered.includes(given)) {
    const suggestions = nearest(given, offered);
    const count = offered.length > suggestions.length ? `one of ${offered.length} choices, such as` : 'one of';
    throw badUserInput(`${input.name} must be ${count} ${suggestions.join(', ')}`, input.name, { suggestions });
  }
  return given;
};

const boolean = (input: Input, value: unknown): boolean => {
  if (typeof value !== 'boolean') throw invalid(input, 'true or false');
  return value;
};

const VALIDATORS: Record<Input['type'], (input: Input, value: unknown, choices: Choices) => unknown> = {
  STRING: text,
  INT: integer,
  FLOAT: number,
  BOOLEAN: boolean,
  SEED: seed,
  CHOICE: choice,
  MODEL: string,
  LORAS: validateLoras,
  IMAGE: string,
  MASK: string,
  VIDEO: string,
  AUDIO: string,
  FILE: string,
};
