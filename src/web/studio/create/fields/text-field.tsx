/** STRING */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { TextArea, TextField as TextLine } from '../../ui/field';
import { nameOf } from '../inputs/presentation';
import { asText } from '../inputs/values';
import type { FieldProps } from './form';
import { useWords } from './use-words';

/** The prompt is what a user writes most. */
const MAIN = { minHeight: '7rem' };

export function TextField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const isPrompt = nameOf(input) === 'prompt';
  const value = asText(form.values[input.name]) ?? '';
  // A field of one line would drop its line breaks. It stays as it is while they are edited.
  const [hasLines, setHasLines] = useState(false);
  if (!hasLines && value.includes('\n')) setHasLines(true);
  const Control = input.isMultiline || hasLines ? TextArea : TextLine;
  return (
    <Control
      label={label}
      hint={hint}
      problem={form.problems[input.name]}
      value={value}
      onChange={({ target }: { target: { value: string } }) => form.set(input.name, target.value)}
      placeholder={isPrompt ? t('promptExample') : undefined}
      style={isPrompt ? MAIN : undefined}
      aria-required={input.required}
    />
  );
}
