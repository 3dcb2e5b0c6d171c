import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { CheckBox } from '../ui/inputs/check-box';
import { ProblemWords } from '../ui/problems/problem-note';
import { PasswordField } from './password-field';
import { type SignInProblem, signIn } from './sign-in';
import css from './welcome.module.css';

/** @param onTaken the address has an account: the user should sign in */
export function SignInForm({ isNew, onTaken }: { isNew: boolean; onTaken(): void }) {
  const { t } = useTranslation(['welcome', 'shell']);
  const [problem, setProblem] = useState<SignInProblem>();
  const [stays, setStays] = useState(true);
  const [isBusy, setIsBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? '');
    setIsBusy(true);
    const found = await signIn(isNew, {
      email: text('email'),
      password: text('password'),
      name: text('name').trim() || undefined,
      stays,
    });
    setIsBusy(false);
    setProblem(found);
    if (found?.code === 'CONFLICT') onTaken();
  }

  const explain = ({ code, message }: SignInProblem): string => {
    if (code === 'INVALID_CREDENTIALS') return t('wrong');
    if (code === 'CONFLICT') return t('taken');
    if (code === 'NETWORK') return t('shell:error.NETWORK');
    return message;
  };

  return (
    <form className={css.form} onSubmit={submit}>
      {problem && <ProblemWords>{explain(problem)}</ProblemWords>}
      <TextField label={t('email')} name="email" type="email" autoComplete="username" required />
      <PasswordField
        label={t('password')}
        name="password"
        autoComplete={isNew ? 'new-password' : 'current-password'}
        minLength={isNew ? 8 : 1}
        maxLength={128}
        hint={isNew ? t('passwordHint') : undefined}
        required
      />
      {isNew && <TextField label={t('name')} name="name" autoComplete="name" maxLength={100} />}
      <CheckBox label={t('stay')} isChecked={stays} onChange={setStays} />
      <Button type="submit" look="primary" wide disabled={isBusy}>
        {isNew ? t('signUp') : t('signIn')}
      </Button>
      <p className={css.note}>{t(isNew ? 'first' : 'forgotten')}</p>
    </form>
  );
}
