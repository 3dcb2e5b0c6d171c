/** MODEL: what ComfyUI has, found by typing. */
import { useTranslation } from 'react-i18next';
import { Field } from '../../ui/field';
import { Combobox } from '../../ui/inputs/combobox';
import { asText } from '../inputs/values';
import type { FieldProps } from './form';
import { useModels } from './use-models';
import { useWords } from './use-words';

/** Stands for no choice: then the server chooses. */
const AUTOMATIC = '';

export function ModelField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const { options, nameOf, isUnavailable, reread } = useModels(input.modelKind);
  const value = asText(form.values[input.name]);
  const name = nameOf(value);
  const preset = value === undefined ? asText(form.presets?.[input.name]) : undefined;
  const closedLabel = preset && t('automaticOf', { name: preset });
  const first = input.required ? [] : [{ value: AUTOMATIC, label: t('automatic'), note: preset, closedLabel }];
  const unknown = name && !options.some((option) => option.value === name) ? [{ value: name, label: name }] : [];
  return (
    <Field
      label={label}
      hint={isUnavailable(value) ? t('model.unavailable') : hint}
      problem={form.problems[input.name]}
    >
      {(control) => (
        <Combobox
          {...control}
          options={[...first, ...unknown, ...options]}
          value={name ?? AUTOMATIC}
          onChange={(next) => form.set(input.name, next === AUTOMATIC ? undefined : next)}
          onOpen={reread}
          label={label}
          placeholder={t('model.choose')}
          searchLabel={t('search')}
          emptyText={options.length > 0 ? t('nothingFound') : t('model.none')}
        />
      )}
    </Field>
  );
}
