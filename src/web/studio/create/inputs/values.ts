/** The values of a form by the names of its inputs. Parsers make them from JSON: from the API, or from an earlier visit. */
import { randomSeed } from '../../generation/random-seed';
import type { FormInput, InputType } from './form-input';

export type Seed = {
  /** In decimal digits. */
  value: string;
  /** Whether the next generations use it; otherwise each draws its own. */
  isLocked: boolean;
};
export type Lora = { name: string; strength: number };
export type FileValue = {
  id: string;
  kind: 'IMAGE' | 'VIDEO' | 'AUDIO' | 'FILE';
  name: string;
  /** A picture of it. */
  previewUrl: string | null;
  /** The whole file; null if neither this page nor the server has it for display. */
  url: string | null;
  /** The picture that a mask was painted into, or for. */
  origin?: FileValue | undefined;
};

export type Value = string | number | boolean | Seed | Lora[] | FileValue;
/** An input without a value is left out. */
export type Values = Readonly<Record<string, Value>>;

type Json = Record<string, unknown>;
const isObject = (json: unknown): json is Json => typeof json === 'object' && json !== null && !Array.isArray(json);

export const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

export const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

const asBoolean = (value: unknown): boolean | undefined => (typeof value === 'boolean' ? value : undefined);

/** @param value the seed alone, which is then meant to be used again, or a `Seed` */
export function asSeed(value: unknown): Seed | undefined {
  if (isObject(value)) {
    const seed = asSeed(value.value);
    return seed && { ...seed, isLocked: value.isLocked === true };
  }
  const text = String(value);
  return /^\d{1,20}$/.test(text) ? { value: text, isLocked: true } : undefined;
}

export function asLoras(value: unknown): Lora[] | undefined {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((each) =>
    isObject(each) && typeof each.name === 'string'
      ? [{ name: each.name, strength: asNumber(each.strength) ?? 1 }]
      : [],
  );
}

/** @param value the id alone, or a `FileValue` */
export function asFile(value: unknown): FileValue | undefined {
  if (typeof value === 'string' && value !== '')
    return { id: value, kind: 'FILE', name: '', previewUrl: null, url: null };
  if (!isObject(value) || typeof value.id !== 'string') return undefined;
  const { id, kind, name, previewUrl, url, origin } = value;
  return {
    id,
    kind: (['IMAGE', 'VIDEO', 'AUDIO'] as const).find((each) => each === kind) ?? 'FILE',
    name: asText(name) ?? '',
    previewUrl: asText(previewUrl) ?? null,
    url: asText(url) ?? null,
    origin: asFile(origin),
  };
}

const PARSERS: Record<InputType, (value: unknown) => Value | undefined> = {
  STRING: asText,
  INT: asNumber,
  FLOAT: asNumber,
  BOOLEAN: asBoolean,
  SEED: asSeed,
  CHOICE: asText,
  MODEL: asText,
  LORAS: asLoras,
  IMAGE: asFile,
  MASK: asFile,
  VIDEO: asFile,
  AUDIO: asFile,
  FILE: asFile,
};

/** @returns undefined for a value that is not one of the input */
const parseValue = ({ type }: Pick<FormInput, 'type'>, json: unknown): Value | undefined => PARSERS[type](json);

/** Reads those of the values that the inputs can take. */
export function parseValues(inputs: readonly Pick<FormInput, 'name' | 'type'>[], json: unknown): Values {
  if (!isObject(json)) return {};
  return Object.fromEntries(
    inputs.flatMap((input) => {
      const value = parseValue(input, json[input.name]);
      return value === undefined ? [] : [[input.name, value]];
    }),
  );
}

/** @returns the values that the form starts with and that `reset` returns to */
export function defaultValues(inputs: readonly FormInput[]): Values {
  const given = parseValues(inputs, Object.fromEntries(inputs.map(({ name, default: preset }) => [name, preset])));
  const seeds = inputs.filter(({ type }) => type === 'SEED');
  // A seed that an author left in the graph is an accident far more often than a wish.
  return { ...given, ...Object.fromEntries(seeds.map(({ name }) => [name, { value: randomSeed(), isLocked: false }])) };
}
