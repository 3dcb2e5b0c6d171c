/** A password, which the user can make readable. */
import { type ComponentProps, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button';
import { Field, inputClass } from '../ui/field';
import css from './welcome.module.css';

type PasswordFieldProps = { label: string; hint?: string | undefined } & ComponentProps<'input'>;

export function PasswordField({ label, hint, ...rest }: PasswordFieldProps) {
  const { t } = useTranslation('welcome');
  const [isShown, setIsShown] = useState(false);
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <span className={css.password}>
          <input
            {...rest}
            {...control}
            className={inputClass}
            type={isShown ? 'text' : 'password'}
            autoCapitalize="off"
            spellCheck={false}
          />
          <Button aria-controls={control.id} onClick={() => setIsShown(!isShown)}>
            {isShown ? t('hide') : t('show')}
          </Button>
        </span>
      )}
    </Field>
  );
}
