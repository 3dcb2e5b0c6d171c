/** The words of an input: its author's, else those of the page, in its language. */
import { useTranslation } from 'react-i18next';
import type { FormInput } from '../inputs/form-input';
import { nameOf } from '../inputs/presentation';

export type Words = { label: string; hint: string | undefined };
type Titled = Pick<FormInput, 'name' | 'title'> & { description?: string | null };

export const useWords = (input: FormInput): Words => useInputWords()(input);

export function useInputWords(): (input: Titled) => Words {
  const { t } = useTranslation('create');
  return (input) => {
    const name = nameOf(input);
    if (!name) return { label: input.title, hint: input.description ?? undefined };
    // The API describes its own inputs to programs.
    return { label: t(`input.${name}`), hint: name === 'batchSize' ? t('batchHint') : undefined };
  };
}
