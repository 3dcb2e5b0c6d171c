/** Creates an API key, and shows its secret once. */
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../api/graphql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { Choice } from '../../ui/forms/choice';
import { CopyField } from '../../ui/forms/copy-field';
import { useMutate } from '../../ui/forms/mutate';
import { ProblemNote } from '../../ui/forms/problem-note';
import { useSubmit } from '../../ui/forms/submit';
import css from './programs.module.css';

const CREATE_API_KEY = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { secret apiKey { id } }
  }
`);

const DAY_MS = 86_400_000;
const LIFETIMES = { month: 30, quarter: 90, year: 365, ever: undefined } as const;
type Lifetime = keyof typeof LIFETIMES;

export function NewApiKey({ onClose }: { onClose(): void }) {
  const { t } = useTranslation(['account', 'shell']);
  const create = useMutate(CREATE_API_KEY);
  const [lifetime, setLifetime] = useState<Lifetime>('quarter');
  const [secret, setSecret] = useState<string>();
  const { isBusy, problem, submit } = useSubmit();
  const form = useId();

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name')).trim();
    const days = LIFETIMES[lifetime];
    const expiresAt = days === undefined ? null : new Date(Date.now() + days * DAY_MS).toISOString();
    void submit(async () => {
      const { data, problem: found } = await create({ input: { name, expiresAt } });
      setSecret(data?.createApiKey?.secret);
      return found;
    });
  }

  if (secret)
    return (
      <Dialog
        isOpen
        onClose={onClose}
        title={t('keys.isCreated')}
        description={t('keys.once')}
        actions={
          <Button look="primary" onClick={onClose}>
            {t('done')}
          </Button>
        }
      >
        <CopyField label={t('keys.secret')} text={secret} hint={t('keys.usage')} />
      </Dialog>
    );
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('keys.create')}
      actions={
        <>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="submit" form={form} look="primary" disabled={isBusy}>
            {t('create')}
          </Button>
        </>
      }
    >
      <form id={form} className={css.form} onSubmit={send}>
        <ProblemNote problem={problem} />
        <TextField label={t('keys.name')} hint={t('keys.nameHint')} name="name" maxLength={100} required />
        <Choice
          label={t('keys.lifetime')}
          value={lifetime}
          options={Object.keys(LIFETIMES).map((value) => ({
            value: value as Lifetime,
            text: t(`keys.lifetimes.${value as Lifetime}`),
          }))}
          onChange={(chosen) => setLifetime(chosen)}
        />
      </form>
    </Dialog>
  );
}
