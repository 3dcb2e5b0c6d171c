/** INT and FLOAT: a slider where it is of use, and the exact number. */
import { useTranslation } from 'react-i18next';
import { Field } from '../../ui/field';
import { NumberField } from '../../ui/inputs/number-field';
import { Slider } from '../../ui/inputs/slider';
import type { FormInput } from '../inputs/form-input';
import { stepOf } from '../inputs/presentation';
import { useSentence } from '../inputs/use-sentence';
import { problemOfValue } from '../inputs/validate';
import { asNumber } from '../inputs/values';
import css from './fields.module.css';
import type { FieldProps } from './form';
import { useWords } from './use-words';

/** With more positions a slider is too coarse. */
const MAX_POSITIONS = 1_000;

export function NumberInput({ input, form, isCompact = false }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const toSentence = useSentence();
  const { name, min, max } = input;
  const value = asNumber(form.values[name]) ?? null;
  // While it is typed it may become right: a hint says what it has to be.
  const wrong = value === null ? undefined : problemOfValue(input, value);
  const preset = asNumber(input.default) ?? asNumber(form.presets?.[name]);
  const step = stepOf(input);
  const isSlid = !isCompact && hasSlider(input);
  const set = (next: number | null) => form.set(name, next ?? undefined);
  return (
    <Field label={label} hint={wrong ? toSentence(wrong) : hint} problem={form.problems[name]}>
      {(control) => (
        <div className={isSlid ? css.number : `${css.number} ${css.alone}`}>
          {isSlid && (
            <Slider
              label={t('slider', { label })}
              value={value ?? preset ?? restOf(input)}
              isUnset={value === null}
              onChange={set}
              min={min ?? 0}
              max={max ?? 0}
              step={step}
            />
          )}
          <NumberField
            {...control}
            value={value}
            onChange={set}
            min={min ?? undefined}
            max={max ?? undefined}
            step={step}
            placeholder={preset === undefined ? t('auto') : String(preset)}
          />
        </div>
      )}
    </Field>
  );
}

const hasSlider = (input: FormInput): boolean =>
  input.min !== null && input.max !== null && (input.max - input.min) / stepOf(input) <= MAX_POSITIONS;

/** Where the thumb rests while the number is chosen by the server. */
const restOf = ({ min, max }: FormInput): number => ((min ?? 0) + (max ?? 0)) / 2;
