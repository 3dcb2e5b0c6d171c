/** What a form gives to its fields. */
import type { FormInput } from '../inputs/form-input';
import type { Value, Values } from '../inputs/values';
import type { Presets } from './use-presets';

export type Form = {
  inputs: readonly FormInput[];
  values: Values;
  /** @param value undefined empties the input */
  set(name: string, value: Value | undefined): void;
  /** Sentences by the names of the inputs. */
  problems: Readonly<Record<string, string>>;
  /** What is taken for inputs without a value, if that is known. */
  presets?: Presets;
  /** Whether the transparent parts of a picture are what the workflow repaints. */
  repaintsTransparent: boolean;
};

export type FieldProps = {
  input: FormInput;
  form: Form;
  /** Two share a row. */
  isCompact?: boolean;
};
