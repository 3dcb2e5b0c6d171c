/** The frame of a field that consists of several controls. */
import { type ReactNode, useId } from 'react';
import css from './fields.module.css';

type GroupFieldProps = { label: ReactNode; hint?: ReactNode; problem?: string | undefined; children: ReactNode };

export function GroupField({ label, hint, problem, children }: GroupFieldProps) {
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
