/** A file that an input has. */
import { Brush, FileIcon, Music, Video, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../ui/button';
import type { FileValue } from '../inputs/values';
import { strokesOf } from '../mask/strokes';
import css from './files.module.css';

type ChosenFileProps = { file: FileValue; onPaint: (() => void) | undefined; onRemove(): void };

const ICONS = { IMAGE: FileIcon, VIDEO: Video, AUDIO: Music, FILE: FileIcon };

export function ChosenFile({ file, onPaint, onRemove }: ChosenFileProps) {
  const { t } = useTranslation('create');
  const Icon = ICONS[file.kind];
  return (
    <div className={css.chosen}>
      <div className={css.thumbnail}>
        {file.previewUrl && <img src={file.previewUrl} alt={t('file.preview', { name: file.name })} />}
        {!file.previewUrl && file.kind === 'VIDEO' && file.url && (
          <video
            src={file.url}
            muted
            playsInline
            preload="metadata"
            aria-label={t('file.preview', { name: file.name })}
          />
        )}
        {!file.previewUrl && (file.kind !== 'VIDEO' || !file.url) && <Icon aria-hidden size={28} />}
      </div>
      <div className={css.about}>
        <span className={css.name}>{file.name || t('file.chosen')}</span>
        {onPaint && (
          <Button icon={Brush} onClick={onPaint}>
            {strokesOf(file.id).length > 0 ? t('mask.again') : t('mask.open')}
          </Button>
        )}
      </div>
      <IconButton icon={X} label={file.origin ? t('mask.remove') : t('file.remove')} onClick={onRemove} />
    </div>
  );
}
