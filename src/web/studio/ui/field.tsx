/** A labelled text input, with a hint and the problem of its value. */
import { type ComponentProps, type ReactNode, useId } from 'react';
import css from './field.module.css';

type Words = { label: ReactNode; hint?: ReactNode; problem?: string | undefined };
type Control = { id: string; 'aria-describedby': string | undefined; 'aria-invalid': boolean };

/** The frame of a field, for any control: `children` receives the attributes that tie it to its label. */
export function Field({ label, hint, problem, children }: Words & { children(control: Control): ReactNode }) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      {children({ id, 'aria-describedby': note ? `${id}-note` : undefined, 'aria-invalid': problem !== undefined })}
      {note && (
        <span id={`${id}-note`} className={problem ? css.problem : css.hint} role={problem ? 'alert' : undefined}>
          {note}
        </span>
      )}
    </div>
  );
}

/** The frame of a field that consists of several controls. */
export function GroupField({ label, hint, problem, children }: Words & { children: ReactNode }) {
  const id = useId();
  const note = problem ?? hint;
  return (
    <fieldset className={css.group} aria-describedby={note ? id : undefined}>
      <legend>{label}</legend>
      {children}
      {note && (
        <p id={id} className={problem ? css.problem : css.hint} role={problem ? 'alert' : undefined}>
          {note}
        </p>
      )}
    </fieldset>
  );
}

export const inputClass = css.input ?? '';

export function TextField({ label, hint, problem, ...rest }: Words & ComponentProps<'input'>) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => <input {...rest} {...control} className={inputClass} />}
    </Field>
  );
}

export function TextArea({ label, hint, problem, ...rest }: Words & ComponentProps<'textarea'>) {
  return (
    <Field label={label} hint={hint} problem={problem}>
      {(control) => <textarea {...rest} {...control} className={inputClass} />}
    </Field>
  );
}
