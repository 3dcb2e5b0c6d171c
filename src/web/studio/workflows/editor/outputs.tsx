/** The outputs of a workflow: which are kept, and their names. */
import { useTranslation } from 'react-i18next';
import { TextField } from '../../ui/field';
import { CheckBox } from '../../ui/inputs/check-box';
import { Section } from '../../ui/pages/page';
import { Nothing } from '../../ui/pages/rows';
import { ProblemWords } from '../../ui/problems/problem-note';
import css from './editor.module.css';
import type { OutputForm } from './form';
import { OUTPUT_PATTERN } from './names';

type OutputsProps = {
  outputs: readonly OutputForm[];
  problem: string | undefined;
  onChange(outputs: readonly OutputForm[]): void;
};

export function Outputs({ outputs, problem, onChange }: OutputsProps) {
  const { t } = useTranslation('workflows');
  const change = (output: OutputForm, changed: Partial<OutputForm>) =>
    onChange(outputs.map((each) => (each === output ? { ...each, ...changed } : each)));
  return (
    <Section title={t('outputs.title')} lead={t('outputs.lead')}>
      {problem && <ProblemWords>{problem}</ProblemWords>}
      {outputs.length === 0 && <Nothing>{t('outputs.none')}</Nothing>}
      {outputs.map((output) => (
        <fieldset key={output.nodeId} className={css.output}>
          <legend className="visually-hidden">{output.title}</legend>
          <TextField
            label={t('input.title')}
            value={output.title}
            maxLength={200}
            disabled={!output.isKept}
            onChange={(event) => change(output, { title: event.currentTarget.value })}
          />
          <TextField
            label={t('input.name')}
            value={output.name}
            pattern={OUTPUT_PATTERN}
            autoCapitalize="off"
            spellCheck={false}
            required
            disabled={!output.isKept}
            onChange={(event) => change(output, { name: event.currentTarget.value })}
          />
          {outputs.length > 1 && (
            <CheckBox
              label={t('outputs.keep')}
              isChecked={output.isKept}
              onChange={(isKept) => change(output, { isKept })}
            />
          )}
        </fieldset>
      ))}
    </Section>
  );
}
