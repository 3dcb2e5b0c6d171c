/** The words of an input: its author's, else those of the page, in its language. */
import { useTranslation } from 'react-i18next';
import type { FormInput } from '../inputs/form-input';
import { nameOf } from '../inputs/presentation';

export type Words = { label: string; hint: string | undefined };

export function useWords(input: FormInput): Words {
  const { t } = useTranslation('create');
  const name = nameOf(input);
  // The API describes its own inputs to programs.
  if (name) return { label: t(`input.${name}`), hint: undefined };
  return { label: input.title, hint: input.description ?? undefined };
}
