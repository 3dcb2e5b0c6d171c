/** Creates an account for somebody else. */
import { useTranslation } from 'react-i18next';
import { graphql } from '../../api/graphql';
import { TextField } from '../../ui/field';
import { FormDialog } from '../../ui/forms/form-dialog';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { ProblemNote } from '../../ui/problems/problem-note';
import { say } from '../../ui/toast';
import { PasswordField } from './password-field';

const CREATE_USER = graphql(`
  mutation CreateUser($input: SignUpInput!) {
    createUser(input: $input) { id email }
  }
`);

export function NewUser({ onClose }: { onClose(): void }) {
  const { t } = useTranslation('admin');
  const create = useMutate(CREATE_USER);
  const { isBusy, problem, submit } = useSubmit();

  async function send(given: FormData) {
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
    <FormDialog
      title={t('users.create')}
      description={t('newUser.lead')}
      action={t('newUser.create')}
      isDisabled={isBusy}
      onSend={(given) => void send(given)}
      onClose={onClose}
    >
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
      <PasswordField label={t('newUser.password')} problem={faultAt('password')} />
    </FormDialog>
  );
}
