/** The field of an input, by its type. */
import type { ComponentType } from 'react';
import { FileField } from '../files/file-field';
import type { InputType } from '../inputs/form-input';
import { ChoiceField } from './choice-field';
import type { FieldProps } from './form';
import { LorasField } from './loras-field';
import { ModelField } from './model-field';
import { NumberInput } from './number-input';
import { SeedField } from './seed-field';
import { SwitchField } from './switch-field';
import { TextField } from './text-field';

const FIELDS: Record<InputType, ComponentType<FieldProps>> = {
  STRING: TextField,
  INT: NumberInput,
  FLOAT: NumberInput,
  BOOLEAN: SwitchField,
  SEED: SeedField,
  CHOICE: ChoiceField,
  MODEL: ModelField,
  LORAS: LorasField,
  IMAGE: FileField,
  MASK: FileField,
  VIDEO: FileField,
  AUDIO: FileField,
  FILE: FileField,
};

export function InputField(props: FieldProps) {
  const Field = FIELDS[props.input.type];
  return <Field {...props} />;
}
