import { Pencil, WandSparkles } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { bring } from '../../create/incoming';
import { useWorkflowWords } from '../../generation/use-workflow-words';
import { Button, buttonClass } from '../../ui/button';
import { Badge, Row } from '../../ui/pages/rows';
import { MissingParts } from '../missing-parts';
import css from './list.module.css';
import type { ListedWorkflow } from './workflow-list';

type RowProps = { workflow: ListedWorkflow; isOwn: boolean };

export function WorkflowRow({ workflow, isOwn }: RowProps) {
  const { t } = useTranslation('workflows');
  const { id, name, version, isShared, missing } = workflow;
  const { title, description } = useWorkflowWords()(workflow);
  return (
    <Row
      title={
        <Link to={`/workflows/${name}`} className={css.name ?? ''}>
          {title}
        </Link>
      }
      badge={
        <>
          {isOwn && <Badge>{t('version', { version })}</Badge>}
          {isOwn && isShared && <Badge look="good">{t('shared')}</Badge>}
        </>
      }
      details={description && <p className={css.description}>{description}</p>}
      actions={
        <>
          {isOwn && (
            <Link to={`/workflows/${name}`} className={buttonClass('quiet')} aria-label={t('editNamed', { title })}>
              <Pencil aria-hidden size={18} />
              {t('edit')}
            </Link>
          )}
          <Button
            icon={WandSparkles}
            aria-label={t('useNamed', { title })}
            onClick={() => bring({ kind: 'settings', workflowId: id, parameters: {} })}
          >
            {t('use')}
          </Button>
        </>
      }
    >
      {missing.length > 0 && <MissingParts parts={missing} isShort />}
    </Row>
  );
}
