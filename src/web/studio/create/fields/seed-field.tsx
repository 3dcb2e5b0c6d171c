/** SEED: drawn anew each time unless it is locked. */
import { Dices, Lock, LockOpen } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { randomSeed } from '../../generation/random-seed';
import { IconButton } from '../../ui/button';
import { Field, inputClass } from '../../ui/field';
import { asSeed } from '../inputs/values';
import css from './fields.module.css';
import type { FieldProps } from './form';
import { useWords } from './use-words';

const MAX_DIGITS = 20;

export function SeedField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const seed = asSeed(form.values[input.name]) ?? { value: randomSeed(), isLocked: false };
  const lock = (value: string, isLocked = true) => form.set(input.name, { value, isLocked });
  return (
    <Field
      label={label}
      hint={hint ?? (seed.isLocked ? t('seed.locked') : t('seed.random'))}
      problem={form.problems[input.name]}
    >
      {(control) => (
        <div className={css.row}>
          <input
            {...control}
            className={inputClass}
            inputMode="numeric"
            autoComplete="off"
            placeholder={t('seed.placeholder')}
            value={seed.isLocked ? seed.value : ''}
            onChange={({ target }) => {
              const digits = target.value.replace(/\D/g, '').slice(0, MAX_DIGITS);
              // Without a digit there is no seed to keep.
              lock(digits || randomSeed(), digits !== '');
            }}
          />
          <IconButton icon={Dices} label={t('seed.dice')} onClick={() => lock(randomSeed())} />
          <IconButton
            icon={seed.isLocked ? Lock : LockOpen}
            label={t('seed.lock')}
            aria-pressed={seed.isLocked}
            onClick={() => lock(seed.value, !seed.isLocked)}
          />
        </div>
      )}
    </Field>
  );
}
