/** Text to copy, such as a link or a secret, with its button. */
import { Check, Copy } from 'lucide-react';
import { type Ref, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../button';
import { copy } from '../copy';
import { Field, inputClass } from '../field';
import css from './copy-field.module.css';

type CopyFieldProps = { label: string; text: string; hint?: string; ref?: Ref<HTMLInputElement> };

export function CopyField({ label, text, hint, ref }: CopyFieldProps) {
  const { t } = useTranslation();
  const [state, setState] = useState<'idle' | 'copied' | 'failed'>('idle');
  return (
    <Field label={label} hint={hint}>
      {(control) => (
        <span className={css.row}>
          <input
            {...control}
            ref={ref}
            className={`${inputClass} ${css.text}`}
            value={text}
            readOnly
            spellCheck={false}
            onFocus={({ currentTarget }) => {
              currentTarget.select();
              // Browsers scroll to the end of what is selected.
              requestAnimationFrame(() => currentTarget.scrollTo(0, 0));
            }}
          />
          <Button
            icon={state === 'copied' ? Check : Copy}
            onClick={async () => setState((await copy(text)) ? 'copied' : 'failed')}
          >
            {state === 'copied' ? t('copied') : t('copy')}
          </Button>
          <span className="visually-hidden" role="status">
            {state === 'copied' ? t('copied') : state === 'failed' ? t('copyFailed') : ''}
          </span>
        </span>
      )}
    </Field>
  );
}
