/** The end of the account. */
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { memory } from '../../api/account';
import { graphql } from '../../api/graphql';
import { TextField } from '../../ui/field';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Section } from '../../ui/pages/page';
import { say } from '../../ui/toast';
import { useViewer } from '../viewer';

const DELETE_ACCOUNT = graphql(`
  mutation DeleteAccount($password: String!) {
    deleteAccount(password: $password)
  }
`);

export function DeleteAccount() {
  const { t } = useTranslation('account');
  const viewer = useViewer();
  const mutate = useMutate(DELETE_ACCOUNT);
  const [typed, setTyped] = useState('');
  return (
    <Section
      title={t('deletion.title')}
      lead={t('deletion.lead')}
      isDanger
      actions={
        <ConfirmButton
          icon={Trash2}
          look="danger"
          label={t('deletion.title')}
          title={t('deletion.question')}
          text={t('deletion.text')}
          action={t('deletion.action')}
          isReady={viewer !== undefined && typed.trim().toLowerCase() === viewer.email.toLowerCase()}
          texts={{ INVALID_CREDENTIALS: t('password.wrong'), CONFLICT: t('deletion.lastAdmin') }}
          run={async (form) => {
            const { data, problem } = await mutate({ password: String(form.get('password')) });
            if (data) {
              memory.learn(data);
              say(t('deletion.done'));
            }
            return problem;
          }}
        >
          <TextField
            label={t('deletion.typeEmail', { email: viewer?.email ?? '' })}
            name="email"
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            required
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <TextField
            label={t('deletion.password')}
            name="password"
            type="password"
            autoComplete="current-password"
            maxLength={128}
            required
          />
        </ConfirmButton>
      }
    />
  );
}
