/** The value of an input when its caller leaves it out. */
import { useTranslation } from 'react-i18next';
import { TextArea, TextField } from '../../ui/field';
import { SelectField } from '../../ui/forms/select-field';
import type { InputType } from './form';

type DefaultFieldProps = {
  type: InputType;
  value: unknown;
  /** What the graph has there: the default if there is no other. */
  constant: string | number | boolean | undefined;
  problem: string | undefined;
  onChange(value: unknown): void;
};

const NUMBERS: readonly InputType[] = ['INT', 'FLOAT'];
/** Their values are of each caller, or a list. */
const WITHOUT: readonly InputType[] = ['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'FILE', 'LORAS'];

export function DefaultField({ type, value, constant, problem, onChange }: DefaultFieldProps) {
  const { t } = useTranslation('workflows');
  if (WITHOUT.includes(type)) return null;
  const text = value === null || value === undefined ? '' : String(value);
  const label = t('input.default');
  const placeholder = type === 'SEED' ? t('input.random') : String(constant ?? '');
  if (type === 'BOOLEAN')
    return (
      <SelectField
        label={label}
        problem={problem}
        value={text}
        onChange={({ currentTarget: { value: chosen } }) => onChange(chosen === '' ? null : chosen === 'true')}
      >
        <option value="">{t('input.fromGraph', { value: constant ? t('input.on') : t('input.off') })}</option>
        <option value="true">{t('input.on')}</option>
        <option value="false">{t('input.off')}</option>
      </SelectField>
    );
  const words = { label, problem, placeholder, value: text };
  if (NUMBERS.includes(type))
    return (
      <TextField
        {...words}
        type="number"
        step="any"
        onChange={({ currentTarget: { value: given } }) => onChange(given === '' ? null : Number(given))}
      />
    );
  if (type === 'STRING')
    return <TextArea {...words} rows={1} onChange={({ currentTarget: { value: given } }) => onChange(given || null)} />;
  return (
    <TextField
      {...words}
      {...(type === 'SEED' && { inputMode: 'numeric' })}
      onChange={({ currentTarget: { value: given } }) => onChange(given || null)}
    />
  );
}
