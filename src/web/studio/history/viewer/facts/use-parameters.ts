/** The effective values of a workflow's inputs, with the titles that its author gave them. */
import { useTranslation } from 'react-i18next';
import { useInputWords } from '../../../create/fields/use-words';
import type { Detail } from '../detail';

/** They are shown apart. */
const SHOWN_APART = ['prompt', 'negativePrompt', 'seed', 'model'];
const MAX_TEXT = 300;

type Lora = { name: string; strength?: number };

export type Parameter = { name: string; title: string; text: string };

/** @returns a function that lists the values of a generation that are worth reading */
export function useParameters(): (detail: Detail) => Parameter[] {
  const { t, i18n } = useTranslation(['history', 'generation']);
  const inputWords = useInputWords();
  const numbers = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 4, useGrouping: false });
  function format(value: unknown, type: string | undefined): string {
    if (typeof value === 'boolean') return value ? t('facts.yes') : t('facts.no');
    if (typeof value === 'number') return numbers.format(value);
    if (type === 'LORAS' && Array.isArray(value))
      return (value as Lora[]).map(({ name, strength = 1 }) => `${name} × ${numbers.format(strength)}`).join('\n');
    if (type === 'IMAGE' || type === 'MASK') return t('generation:kind.IMAGE');
    if (type === 'VIDEO' || type === 'AUDIO' || type === 'FILE') return t(`generation:kind.${type}`);
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)} …` : text;
  }

  return ({ workflow, seed, prompt, negativePrompt, model, parameters }) =>
    Object.entries((parameters ?? {}) as Record<string, unknown>).flatMap(([name, value]) => {
      // Under whatever name: a graph that ran once has names of its own.
      const isApart = SHOWN_APART.includes(name) || [prompt, negativePrompt, model?.name].includes(value as string);
      if (isApart || value === null || value === '') return [];
      if (Array.isArray(value) && value.length === 0) return [];
      if (name.endsWith('seed') && value === seed) return [];
      const input = workflow.inputs.find((each) => each.name === name);
      return [
        { name, title: inputWords({ name, title: input?.title ?? name }).label, text: format(value, input?.type) },
      ];
    });
}
