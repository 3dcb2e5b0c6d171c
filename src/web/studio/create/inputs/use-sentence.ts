/** What is wrong with a value, in words. */
import { useTranslation } from 'react-i18next';
import type { ValueProblem } from './validate';

export function useSentence(): (problem: ValueProblem) => string {
  const { t } = useTranslation('create');
  return (problem) => {
    const { kind, ...numbers } = problem;
    return t(`problem.${kind}`, numbers);
  };
}
