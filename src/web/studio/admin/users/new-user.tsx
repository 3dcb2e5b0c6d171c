/** Creates an account for somebody else. */
import { type FormEvent, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql } from '../../api/graphql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { useMutate } from '../../ui/forms/mutate';
import { ProblemNote } from '../../ui/forms/problem-note';
import { useSubmit } from '../../ui/forms/submit';
import { say } from '../../ui/toast';
import css from '../admin.module.css';

const CREATE_USER = graphql(`
  mutation CreateUser($input: SignUpInput!) {
    createUser(input: $input) { id email }
  }
`);

export function NewUser({ onClose }: { onClose(): void }) {
  const { t } = useTranslation(['admin', 'shell']);
  const create = useMutate(CREATE_USER);
  const { isBusy, problem, submit } = useSubmit();
  const form = useId();

  async function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const text = (field: string) => String(given.get(field)).trim();
    const input = { email: text('email'), name: text('name') || null, password: String(given.get('password')) };
    const isCreated = await submit(async () => (await create({ input })).problem);
    if (!isCreated) return;
    say(t('newUser.done', { email: input.email }));
    onClose();
  }

  const isTaken = problem?.code === 'CONFLICT';
  const faultAt = (field: string) => (problem?.field === field ? problem.message : undefined);
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('users.create')}
      description={t('newUser.lead')}
      actions={
        <>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="submit" form={form} look="primary" disabled={isBusy}>
            {t('newUser.create')}
          </Button>
        </>
      }
    >
      <form id={form} className={css.form} onSubmit={send}>
        {!isTaken && !problem?.field && <ProblemNote problem={problem} />}
        <TextField
          label={t('newUser.email')}
          name="email"
          type="email"
          autoComplete="off"
          required
          problem={isTaken ? t('newUser.taken') : faultAt('email')}
        />
        <TextField label={t('newUser.name')} name="name" autoComplete="off" maxLength={100} problem={faultAt('name')} />
        <TextField
          label={t('newUser.password')}
          hint={t('password.hint')}
          name="password"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          minLength={8}
          maxLength={128}
          required
          problem={faultAt('password')}
        />
      </form>
    </Dialog>
  );
}
