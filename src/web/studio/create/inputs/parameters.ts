/** What a form sends to the API. */
import { randomSeed } from '../../generation/random-seed';
import type { CreateInput } from '../../live/create-generation';
import { type FormInput, type InputType, isFileType } from './form-input';
import { asFile, asSeed, type Value, type Values } from './values';

/** The inputs that have a field of their own in `createGeneration`, if they are of this type. */
const FIELDS: Partial<Record<keyof CreateInput, InputType>> = {
  prompt: 'STRING',
  negativePrompt: 'STRING',
  model: 'MODEL',
  seed: 'SEED',
  steps: 'INT',
  guidance: 'FLOAT',
  sampler: 'CHOICE',
  scheduler: 'CHOICE',
  width: 'INT',
  height: 'INT',
  batchSize: 'INT',
  source: 'IMAGE',
  denoise: 'FLOAT',
  loras: 'LORAS',
};

/** @returns the values that differ from the defaults, by input, as the API takes them */
export function toParameters(inputs: readonly FormInput[], values: Values): Record<string, unknown> {
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const value = values[input.name];
      const sent = value === undefined ? undefined : toParameter(input, value);
      return sent === undefined ? [] : [[input.name, sent]];
    }),
  );
}

function toParameter(input: FormInput, value: Value): unknown {
  if (isFileType(input.type)) return asFile(value)?.id;
  if (input.type === 'SEED') {
    const seed = asSeed(value);
    if (seed?.isLocked) return seed.value;
    // Without a value the default would be used each time.
    return input.default === null ? undefined : randomSeed();
  }
  const preset = input.default ?? (input.type === 'LORAS' ? [] : undefined);
  return JSON.stringify(value) === JSON.stringify(preset) ? undefined : value;
}

/** Divides parameters between the fields of `createGeneration` and its `parameters`. */
export function toCreateInput(
  workflow: string,
  inputs: readonly FormInput[],
  parameters: Record<string, unknown>,
): CreateInput {
  const isField = (name: string) =>
    Object.entries(FIELDS).some(
      ([field, type]) => field === name && inputs.some((input) => input.name === name && input.type === type),
    );
  const entries = Object.entries(parameters);
  const rest = entries.filter(([name]) => !isField(name));
  return {
    workflow,
    ...Object.fromEntries(entries.filter(([name]) => isField(name))),
    ...(rest.length > 0 && { parameters: Object.fromEntries(rest) }),
  };
}
