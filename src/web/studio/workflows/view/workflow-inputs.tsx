/** What a workflow takes and makes, to read. */
import { useTranslation } from 'react-i18next';
import { useInputWords } from '../../create/fields/use-words';
import { Section } from '../../ui/pages/page';
import { Badge, Nothing, Row, Rows } from '../../ui/pages/rows';
import type { Workflow } from './workflow-page';

export function WorkflowInputs({ workflow: { inputs, outputs } }: { workflow: Workflow }) {
  const { t } = useTranslation('workflows');
  return (
    <>
      <Section title={t('inputs.title')}>
        {inputs.length === 0 && <Nothing>{t('inputs.none')}</Nothing>}
        <Rows label={t('inputs.title')}>
          {inputs.map((input) => (
            <InputRow key={input.name} input={input} />
          ))}
        </Rows>
      </Section>
      <Section title={t('outputs.title')}>
        <Rows label={t('outputs.title')}>
          {outputs.map(({ name, title, kind }) => (
            <Row key={name} title={title} badge={<Badge>{t(`kinds.${kind}`)}</Badge>} details={<code>{name}</code>} />
          ))}
        </Rows>
      </Section>
    </>
  );
}

function InputRow({ input }: { input: Workflow['inputs'][number] }) {
  const { t, i18n } = useTranslation('workflows');
  const numbers = new Intl.NumberFormat(i18n.language, { maximumFractionDigits: 4, useGrouping: false });
  const { label, hint } = useInputWords()(input);
  const { name, type, required, default: value, min, max, isAdvanced } = input;
  return (
    <Row
      title={label}
      badge={
        <>
          <Badge>{t(`types.${type}`)}</Badge>
          {required && <Badge>{t('inputs.required')}</Badge>}
          {isAdvanced && <Badge>{t('inputs.advanced')}</Badge>}
        </>
      }
      details={
        <>
          {label !== name && <code>{name}</code>}
          {value !== null && value !== '' && typeof value !== 'object' && (
            <span>
              {t('inputs.usually', { value: typeof value === 'number' ? numbers.format(value) : String(value) })}
            </span>
          )}
          {type !== 'STRING' && min !== null && max !== null && <span>{t('inputs.range', { min, max })}</span>}
          {hint && <span>{hint}</span>}
        </>
      }
    />
  );
}
