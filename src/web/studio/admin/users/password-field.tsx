/** A password that an admin gives to somebody else, and can read. */
import { useTranslation } from 'react-i18next';
import { TextField } from '../../ui/field';

export function PasswordField({ label, problem }: { label: string; problem?: string | undefined }) {
  const { t } = useTranslation('admin');
  return (
    <TextField
      label={label}
      hint={t('password.hint')}
      name="password"
      autoComplete="off"
      autoCapitalize="off"
      spellCheck={false}
      minLength={8}
      maxLength={128}
      required
      problem={problem}
    />
  );
}
