/** The settings of one input: what people see, and what it takes. */
import { useTranslation } from 'react-i18next';
import { TextArea, TextField } from '../../ui/field';
import { SelectField } from '../../ui/forms/select-field';
import { CheckBox } from '../../ui/inputs/check-box';
import { ProblemWords } from '../../ui/problems/problem-note';
import { DefaultField } from './default-field';
import css from './editor.module.css';
import type { Fault, InputPart } from './faults';
import type { Graph, InputForm, InputType } from './form';
import { constantAt } from './graph';
import { INPUT_PATTERN } from './names';
import { naturalTypeOf, typesFor } from './types';

type SettingsProps = {
  graph: Graph;
  input: InputForm;
  fault: Fault | undefined;
  onChange(changed: Partial<InputForm>): void;
};

const BOUNDED: readonly InputType[] = ['INT', 'FLOAT', 'STRING', 'LORAS'];

const numberOf = (text: string): number | null => (text === '' ? null : Number(text));

export function InputSettings({ graph, input, fault, onChange }: SettingsProps) {
  const { t } = useTranslation('workflows');
  const faultAt = (part: InputPart) => (fault?.part === part ? fault.message : undefined);
  const constant = constantAt(graph, input);
  const type = input.type ?? naturalTypeOf(constant);
  return (
    <div className={css.settings}>
      {fault && !fault.part && <ProblemWords>{fault.message}</ProblemWords>}
      <div className={css.pair}>
        <TextField
          label={t('input.title')}
          value={input.title}
          maxLength={200}
          problem={faultAt('title')}
          onChange={(event) => onChange({ title: event.currentTarget.value })}
        />
        <TextField
          label={t('input.name')}
          hint={t('input.nameHint')}
          value={input.name}
          pattern={INPUT_PATTERN}
          autoCapitalize="off"
          spellCheck={false}
          required
          problem={faultAt('name')}
          onChange={(event) => onChange({ name: event.currentTarget.value })}
        />
        <SelectField
          label={t('input.type')}
          problem={faultAt('type')}
          value={input.type ?? ''}
          onChange={({ currentTarget: { value } }) => onChange({ type: (value || null) as InputType | null })}
        >
          {input.type === null && <option value="">{t('input.natural')}</option>}
          {typesFor(input.type, constant).map((each) => (
            <option key={each} value={each}>
              {t(`types.${each}`)}
            </option>
          ))}
        </SelectField>
        <DefaultField
          type={type}
          value={input.default}
          constant={constant}
          problem={faultAt('default')}
          onChange={(value) => onChange({ default: value })}
        />
        {BOUNDED.includes(type) && (
          <>
            {type !== 'LORAS' && (
              <TextField
                label={type === 'STRING' ? t('input.minLength') : t('input.min')}
                type="number"
                step="any"
                value={input.min ?? ''}
                problem={faultAt('min')}
                onChange={(event) => onChange({ min: numberOf(event.currentTarget.value) })}
              />
            )}
            <TextField
              label={type === 'STRING' ? t('input.maxLength') : type === 'LORAS' ? t('input.maxCount') : t('input.max')}
              type="number"
              step="any"
              value={input.max ?? ''}
              problem={faultAt('max')}
              onChange={(event) => onChange({ max: numberOf(event.currentTarget.value) })}
            />
          </>
        )}
        <TextField
          label={t('input.group')}
          hint={t('input.groupHint')}
          value={input.group}
          maxLength={200}
          problem={faultAt('group')}
          onChange={(event) => onChange({ group: event.currentTarget.value })}
        />
      </div>
      {type === 'CHOICE' && (
        <TextArea
          label={t('input.choices')}
          hint={t('input.choicesHint')}
          value={input.choices?.join('\n') ?? ''}
          problem={faultAt('choices')}
          onChange={({ currentTarget: { value } }) =>
            onChange({ choices: value.trim() === '' ? null : value.split('\n') })
          }
          onBlur={() =>
            onChange({ choices: input.choices?.map((each) => each.trim()).filter((each) => each !== '') ?? null })
          }
        />
      )}
      <TextField
        label={t('input.description')}
        value={input.description}
        maxLength={10_000}
        problem={faultAt('description')}
        onChange={(event) => onChange({ description: event.currentTarget.value })}
      />
      <div className={css.checks}>
        <CheckBox
          label={t('input.required')}
          isChecked={input.required ?? false}
          onChange={(required) => onChange({ required })}
        />
        <CheckBox
          label={t('input.advanced')}
          isChecked={input.isAdvanced}
          onChange={(isAdvanced) => onChange({ isAdvanced })}
        />
      </div>
    </div>
  );
}
