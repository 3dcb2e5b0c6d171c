/** Creates an API key, and shows its secret once. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../api/graphql';
import { TextField } from '../../ui/field';
import { Choice } from '../../ui/forms/choice';
import { FormDialog } from '../../ui/forms/form-dialog';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { ProblemNote } from '../../ui/problems/problem-note';
import { SecretDialog } from './secret-dialog';

const CREATE_API_KEY = graphql(`
  mutation CreateApiKey($input: CreateApiKeyInput!) {
    createApiKey(input: $input) { secret apiKey { id } }
  }
`);

const DAY_MS = 86_400_000;
const LIFETIMES = { month: 30, quarter: 90, year: 365, ever: undefined } as const;
type Lifetime = keyof typeof LIFETIMES;

export function NewApiKey({ onClose }: { onClose(): void }) {
  const { t } = useTranslation('account');
  const create = useMutate(CREATE_API_KEY);
  const [lifetime, setLifetime] = useState<Lifetime>('quarter');
  const [secret, setSecret] = useState<string>();
  const { isBusy, problem, submit } = useSubmit();

  function send(given: FormData) {
    const name = String(given.get('name')).trim();
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
      <SecretDialog
        title={t('keys.isCreated')}
        description={t('keys.once')}
        label={t('keys.secret')}
        secret={secret}
        hint={t('keys.usage')}
        onClose={onClose}
      />
    );
  return (
    <FormDialog title={t('keys.create')} action={t('create')} isDisabled={isBusy} onSend={send} onClose={onClose}>
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
    </FormDialog>
  );
}
