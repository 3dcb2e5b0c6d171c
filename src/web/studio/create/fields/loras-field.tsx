/** LORAS: several, applied in their order, each with its strength. */
import { X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button';
import { GroupField } from '../../ui/field';
import { Combobox } from '../../ui/inputs/combobox';
import { NumberField } from '../../ui/inputs/number-field';
import { Slider } from '../../ui/inputs/slider';
import { MAX_STRENGTH } from '../inputs/validate';
import { asLoras, type Lora } from '../inputs/values';
import css from './fields.module.css';
import type { FieldProps } from './form';
import { useModels } from './use-models';
import { useWords } from './use-words';

/** What the slider covers; the number goes beyond. */
const USUAL_STRENGTH = 2;
const STEP = 0.05;
const DEFAULT_MAX = 8;

export function LorasField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const { options, isUnavailable, reread } = useModels('LORA');
  const loras = asLoras(form.values[input.name]) ?? [];
  const set = (next: Lora[]) => form.set(input.name, next);
  const change = (name: string, strength: number) =>
    set(loras.map((lora) => (lora.name === name ? { name, strength } : lora)));
  const left = options.filter(({ value }) => !loras.some(({ name }) => name === value));
  return (
    <GroupField label={label} hint={hint} problem={form.problems[input.name]}>
      {loras.map(({ name, strength }) => (
        <div key={name} className={css.lora}>
          <span className={css.loraName}>{name}</span>
          <IconButton
            icon={X}
            label={t('loras.remove', { name })}
            onClick={() => set(loras.filter((lora) => lora.name !== name))}
          />
          <div className={css.number}>
            <Slider
              label={t('slider', { label: t('loras.strength', { name }) })}
              value={strength}
              onChange={(next) => change(name, next)}
              min={-USUAL_STRENGTH}
              max={USUAL_STRENGTH}
              step={STEP}
            />
            <NumberField
              aria-label={t('loras.strength', { name })}
              value={strength}
              onChange={(next) => next !== null && change(name, next)}
              onCommit={(next) => next === null && change(name, 1)}
              min={-MAX_STRENGTH}
              max={MAX_STRENGTH}
              step={STEP}
            />
          </div>
          {isUnavailable(name) && <p className={css.hint}>{t('model.unavailable')}</p>}
        </div>
      ))}
      {loras.length < (input.max ?? DEFAULT_MAX) && (
        <Combobox
          aria-label={t('loras.add')}
          options={left}
          value={null}
          onChange={(name) => set([...loras, { name, strength: 1 }])}
          onOpen={reread}
          label={t('loras.add')}
          placeholder={t('loras.add')}
          searchLabel={t('search')}
          emptyText={left.length > 0 ? t('nothingFound') : t('model.none')}
        />
      )}
    </GroupField>
  );
}
