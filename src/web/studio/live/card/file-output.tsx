/** A video or sound to play, or what a file is. */
import { AudioLines, Box, File } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Card, CardFile } from '../../generation/fragments';
import { useTitle } from '../../generation/use-title';
import css from './media.module.css';

export function FileOutput({ card, file }: { card: Card; file: CardFile }) {
  const { t } = useTranslation('generation');
  const name = useTitle()(card);
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
        t(`kind.${file.kind}`)
      )}
    </div>
  );
}
