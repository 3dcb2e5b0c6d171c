/** Changes the password. */
import { type FormEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { memory } from '../../api/account';
import { graphql } from '../../api/graphql';
import { Button } from '../../ui/button';
import { TextField } from '../../ui/field';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { Section } from '../../ui/pages/page';
import { ProblemNote } from '../../ui/problems/problem-note';
import { say } from '../../ui/toast';
import { useViewer } from '../viewer';
import css from './security.module.css';

const CHANGE_PASSWORD = graphql(`
  mutation ChangePassword($current: String!, $new: String!) {
    changePassword(current: $current, new: $new) { accessToken refreshToken }
  }
`);

export function Password() {
  const { t } = useTranslation('account');
  const viewer = useViewer();
  const mutate = useMutate(CHANGE_PASSWORD);
  const { isBusy, problem, submit } = useSubmit();
  const form = useRef<HTMLFormElement>(null);

  async function change(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const isChanged = await submit(async () => {
      const { data, problem: found } = await mutate({
        current: String(given.get('current')),
        new: String(given.get('new')),
      });
      // The tokens until now have ended.
      if (data) memory.learn(data);
      return found;
    });
    if (!isChanged) return;
    form.current?.reset();
    say(t('password.changed'));
  }

  const isWrong = problem?.code === 'INVALID_CREDENTIALS';
  return (
    <Section title={t('password.title')} lead={t('password.lead')}>
      <form ref={form} className={css.form} onSubmit={change}>
        {!isWrong && <ProblemNote problem={problem} />}
        {/* Password managers take the account from it. */}
        <input hidden readOnly autoComplete="username" value={viewer?.email ?? ''} />
        <TextField
          label={t('password.current')}
          name="current"
          type="password"
          autoComplete="current-password"
          maxLength={128}
          required
          problem={isWrong ? t('password.wrong') : undefined}
        />
        <TextField
          label={t('password.new')}
          hint={t('password.hint')}
          name="new"
          type="password"
          autoComplete="new-password"
          minLength={8}
          maxLength={128}
          required
        />
        <Button type="submit" look="primary" disabled={isBusy}>
          {t('password.change')}
        </Button>
      </form>
    </Section>
  );
}
