/** What is different between two generations, apart from their prompts. */
import { useTranslation } from 'react-i18next';
import { useWorkflowTitle } from '../../../generation/use-title';
import type { Detail } from '../detail';
import { type Parameter, useParameters } from '../facts/use-parameters';

/** It stands below the picture. */
const MAX_TEXT = 120;
const shorten = (text: string): string => (text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} …` : text);

/** @returns the differing values of each; the seeds are always among them */
export function useDifferences(one: Detail | undefined, other: Detail | undefined): [Parameter[], Parameter[]] {
  const { t } = useTranslation('history');
  const parametersOf = useParameters();
  const workflowTitle = useWorkflowTitle();
  function factsOf(detail: Detail): Parameter[] {
    const { seed, model, negativePrompt, workflow } = detail;
    const apart = {
      workflow: workflowTitle(workflow),
      model: model?.name,
      negativePrompt,
      seed,
    };
    const names = ['seed', 'model', 'workflow', 'negativePrompt'] as const;
    return [
      ...names.flatMap((name) => (apart[name] ? [{ name, title: t(`facts.${name}`), text: apart[name] }] : [])),
      ...parametersOf(detail),
    ];
  }
  // Against nothing all would differ.
  if (!one || !other) return [[], []];
  const [ones, others] = [factsOf(one), factsOf(other)];
  const differing = (facts: Parameter[], rest: Parameter[]) =>
    facts
      .filter(({ name, text }) => name === 'seed' || rest.find((each) => each.name === name)?.text !== text)
      .map((fact) => ({ ...fact, text: shorten(fact.text) }));
  return [differing(ones, others), differing(others, ones)];
}
