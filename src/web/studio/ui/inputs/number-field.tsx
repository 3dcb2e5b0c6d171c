/** A number with bounds, in the notation of the page's language. */
import { NumberField as Base } from '@base-ui/react/number-field';
import { Minus, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { inputClass } from '../field';
import css from './number-field.module.css';

const FORMAT: Intl.NumberFormatOptions = { useGrouping: false, maximumFractionDigits: 10 };

type NumberFieldProps = {
  /** Null while it is empty. */
  value: number | null;
  onChange(value: number | null): void;
  /** Called when the user has finished with a value. */
  onCommit?: (value: number | null) => void;
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  placeholder?: string | undefined;
  /** The names of buttons that step the number; without them there are none. */
  steps?: { less: string; more: string };
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean;
};

export function NumberField({ value, onChange, onCommit, steps, id, placeholder, ...rest }: NumberFieldProps) {
  const { i18n } = useTranslation();
  const { min, max, step, ...aria } = rest;
  return (
    <Base.Root
      value={value}
      onValueChange={onChange}
      format={FORMAT}
      locale={i18n.language}
      allowOutOfRange
      {...(id && { id })}
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      {...(step !== undefined && { step, smallStep: step })}
      {...(onCommit && { onValueCommitted: onCommit })}
      className={css.root ?? ''}
    >
      <Base.Group className={steps ? `${css.group} ${css.stepped}` : (css.group ?? '')}>
        {steps && (
          <Base.Decrement className={css.step ?? ''} aria-label={steps.less}>
            <Minus aria-hidden size={16} />
          </Base.Decrement>
        )}
        <Base.Input {...aria} placeholder={placeholder} className={`${inputClass} ${css.input}`} />
        {steps && (
          <Base.Increment className={css.step ?? ''} aria-label={steps.more}>
            <Plus aria-hidden size={16} />
          </Base.Increment>
        )}
      </Base.Group>
    </Base.Root>
  );
}
