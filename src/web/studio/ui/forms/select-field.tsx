/** A choice that opens the list of the device, and looks like the other pickers while it is closed. */
import { ChevronDown } from 'lucide-react';
import type { ComponentProps, ReactNode } from 'react';
import { Field, inputClass } from '../field';
import css from './select-field.module.css';

/** @param children its options */
export const NativeSelect = (props: ComponentProps<'select'>) => (
  <span className={css.frame}>
    <select {...props} className={`${inputClass} ${css.select}`} />
    <ChevronDown aria-hidden size={18} />
  </span>
);

type SelectFieldProps = ComponentProps<'select'> & { label: ReactNode; hint?: ReactNode; problem?: string | undefined };

/** @param children its options */
export function SelectField({ label, hint, problem, ...rest }: SelectFieldProps) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => <NativeSelect {...rest} {...control} />}
    </Field>
  );
}
