/** One of a few choices, all of which are shown: a radio group. */
import { useId } from 'react';
import { GroupField } from '../field';
import css from './choice.module.css';

type Option<Value> = { value: Value; text: string };
type ChoiceProps<Value> = {
  label: string;
  value: Value;
  options: readonly Option<Value>[];
  onChange(value: Value): void;
};

export function Choice<Value extends string>({ label, value, options, onChange }: ChoiceProps<Value>) {
  const name = useId();
  return (
    <GroupField label={label}>
      <div className={css.options}>
        {options.map((option) => (
          <label key={option.value} className={css.option}>
            <input
              type="radio"
              className={css.radio}
              name={name}
              value={option.value}
              checked={option.value === value}
              onChange={() => onChange(option.value)}
            />
            {option.text}
          </label>
        ))}
      </div>
    </GroupField>
  );
}
