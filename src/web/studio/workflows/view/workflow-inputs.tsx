/** What a workflow takes and makes, to read. */
import { useTranslation } from 'react-i18next';
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
          {inputs.map(({ name, title, type, description, required, default: value, min, max, isAdvanced }) => (
            <Row
              key={name}
              title={title}
              badge={
                <>
                  <Badge>{t(`types.${type}`)}</Badge>
                  {required && <Badge look="good">{t('inputs.required')}</Badge>}
                  {isAdvanced && <Badge>{t('inputs.advanced')}</Badge>}
                </>
              }
              details={
                <>
                  {title !== name && <code>{name}</code>}
                  {value !== null && value !== '' && typeof value !== 'object' && (
                    <span>{t('inputs.usually', { value: String(value) })}</span>
                  )}
                  {type !== 'STRING' && min !== null && max !== null && <span>{t('inputs.range', { min, max })}</span>}
                  {description && <span>{description}</span>}
                </>
              }
            />
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
