/** CHOICE: long lists are searched. */
import { useTranslation } from 'react-i18next';
import { Field } from '../../ui/field';
import { Combobox } from '../../ui/inputs/combobox';
import { Select } from '../../ui/inputs/select';
import { asText } from '../inputs/values';
import type { FieldProps } from './form';
import { useWords } from './use-words';

const MAX_WITHOUT_SEARCH = 12;

export function ChoiceField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const options = (input.choices ?? []).map((choice) => ({ value: choice, label: choice }));
  const value = asText(form.values[input.name]) ?? null;
  const preset = asText(form.presets?.[input.name]);
  const onChange = (choice: string) => form.set(input.name, choice);
  const shared = {
    label,
    options,
    value,
    onChange,
    placeholder: preset ? t('automaticOf', { name: preset }) : t('automatic'),
  };
  return (
    <Field label={label} hint={hint} problem={form.problems[input.name]}>
      {(control) =>
        options.length > MAX_WITHOUT_SEARCH ? (
          <Combobox {...control} {...shared} searchLabel={t('search')} emptyText={t('nothingFound')} />
        ) : (
          <Select {...control} {...shared} />
        )
      }
    </Field>
  );
}
