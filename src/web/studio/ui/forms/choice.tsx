/** One of a few choices, all of which are shown: a radio group. */
import { useId } from 'react';
import css from './choice.module.css';

type Option<Value> = { value: Value; text: string };
type ChoiceProps<Value> = {
  label: string;
  hint?: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange(value: Value): void;
};

export function Choice<Value extends string>({ label, hint, value, options, onChange }: ChoiceProps<Value>) {
  const id = useId();
  return (
    <fieldset className={css.choice} aria-describedby={hint ? `${id}-hint` : undefined}>
      <legend className={css.label}>{label}</legend>
      <div className={css.options}>
        {options.map((option) => (
          <label key={option.value} className={css.option}>
            <input
              type="radio"
              className={css.radio}
              name={id}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.text}
          </label>
        ))}
      </div>
      {hint && (
        <span id={`${id}-hint`} className={css.hint}>
          {hint}
        </span>
      )}
    </fieldset>
  );
}
