/** A video or sound to play, or a file to download. */
import { AudioLines, Box, Download, File } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Card, CardFile } from '../../generation/fragments';
import { buttonClass } from '../../ui/button';
import css from './media.module.css';

export function FileOutput({ card, file }: { card: Card; file: CardFile }) {
  const { t } = useTranslation('generation');
  const name = card.prompt || card.workflow.title;
  if (file.kind === 'VIDEO')
    return (
      <video
        className={css.video}
        src={file.url}
        poster={file.posterUrl ?? undefined}
        aria-label={name}
        controls
        loop
        playsInline
        preload={file.posterUrl ? 'none' : 'metadata'}
      />
    );
  const Icon = file.kind === 'AUDIO' ? AudioLines : file.kind === 'MODEL_3D' ? Box : File;
  return (
    <div className={css.file}>
      <Icon aria-hidden size={36} />
      {file.kind === 'AUDIO' ? (
        <audio className={css.audio} src={file.url} aria-label={name} controls preload="none" />
      ) : (
        <>
          {t(`kind.${file.kind}`)}
          <a className={buttonClass()} href={file.downloadUrl}>
            <Download aria-hidden size={18} />
            {t('action.download')}
          </a>
        </>
      )}
    </div>
  );
}
