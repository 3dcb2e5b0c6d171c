/** The values that a user gave last, per workflow, on this device. */
import type { FormInput } from './form-input';
import { asFile, parseValues, type Value, type Values } from './values';

const keyOf = (owner: string, workflow: string) => `comfygraph:form:${owner}:${workflow}`;

export function readValues(owner: string, workflow: string, inputs: readonly FormInput[]): Values {
  try {
    return parseValues(inputs, JSON.parse(localStorage.getItem(keyOf(owner, workflow)) ?? '{}'));
  } catch {
    return {};
  }
}

/** @param values without those that equal the defaults */
export function storeValues(owner: string, workflow: string, values: Values): void {
  const stored = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, withoutAddresses(value)]));
  try {
    localStorage.setItem(keyOf(owner, workflow), JSON.stringify(stored));
  } catch {
    // The storage is full: then the form starts with its defaults next time.
  }
}

export const forgetValues = (owner: string, workflow: string): void => localStorage.removeItem(keyOf(owner, workflow));

/** Addresses of this page and of the server end; a small picture in the text itself stays. */
function withoutAddresses(value: Value): Value {
  const file = typeof value === 'object' && 'id' in value ? asFile(value) : undefined;
  if (!file) return value;
  return { ...file, url: null, previewUrl: file.previewUrl?.startsWith('data:') ? file.previewUrl : null };
}
