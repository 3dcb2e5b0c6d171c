/** What a workflow makes, and from what. */
import { Box, Check, FileText, Image, ImageUp, type LucideIcon, Music, Video } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useWorkflowWords } from '../../generation/use-workflow-words';
import type { WorkflowChoice } from './queries';
import css from './workflows.module.css';

const ICONS: Partial<Record<string, LucideIcon>> = { VIDEO: Video, AUDIO: Music, MODEL_3D: Box, TEXT: FileText };

export function WorkflowIcon({ workflow: { outputs, inputs } }: { workflow: WorkflowChoice }) {
  const isFromPicture = inputs.some(({ type }) => type === 'IMAGE');
  const Icon = ICONS[outputs[0]?.kind ?? 'IMAGE'] ?? (isFromPicture ? ImageUp : Image);
  return (
    <span className={css.icon}>
      <Icon aria-hidden size={22} />
    </span>
  );
}

type WorkflowCardProps = { workflow: WorkflowChoice; isChosen: boolean; onChoose(): void };

export function WorkflowCard({ workflow, isChosen, onChoose }: WorkflowCardProps) {
  const { t } = useTranslation('create');
  const { missing } = workflow;
  const { title, description } = useWorkflowWords()(workflow);
  return (
    <button type="button" className={css.card} aria-pressed={isChosen} onClick={onChoose}>
      <WorkflowIcon workflow={workflow} />
      <span className={css.words}>
        <strong>{title}</strong>
        {description && <span className={css.description}>{description}</span>}
        {missing.length > 0 && <span className={css.missing}>{t('missing.short', { count: missing.length })}</span>}
      </span>
      {isChosen && <Check aria-hidden size={20} />}
    </button>
  );
}
