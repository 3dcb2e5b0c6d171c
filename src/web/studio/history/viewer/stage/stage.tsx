/** One output, as large as there is room: a picture to zoom into, a player, or text. */
import { Box, Download, File } from 'lucide-react';
import { type Ref, useImperativeHandle, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { absolute } from '../../../api/address';
import { placeholderOf } from '../../../generation/picture/placeholder';
import { buttonClass } from '../../../ui/button';
import type { DetailFile, DetailImage, Output } from '../detail';
import css from './stage.module.css';
import { type Gestures, useGestures } from './use-gestures';

type StageProps = {
  output: Output;
  alt: string;
  onSwipe(step: number): void;
  onSwipeDown?: (() => void) | undefined;
  ref?: Ref<Gestures>;
};

export function Stage({ output, alt, onSwipe, onSwipeDown, ref }: StageProps) {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const gestures = useGestures(frame, content, { canZoom: output.kind === 'image', onSwipe, onSwipeDown });
  useImperativeHandle(ref, () => gestures);
  return (
    <div ref={frame} className={css.frame} data-zoomed={gestures.isZoomed}>
      <div ref={content} className={css.content}>
        {output.kind === 'image' && <Large image={output.image} alt={alt} isZoomed={gestures.isZoomed} />}
        {output.kind === 'file' && <Player file={output.file} alt={alt} />}
        {output.kind === 'text' && <p className={css.text}>{output.text}</p>}
      </div>
    </div>
  );
}

function Large({ image, alt, isZoomed }: { image: DetailImage; alt: string; isZoomed: boolean }) {
  const { width, height, url, largeThumbnailUrl, fullThumbnailUrl, isAnimated, thumbHash } = image;
  // All pixels only where they are seen: a phone need not load a file of 20 MB.
  const isSmaller = !isAnimated && !isZoomed;
  return (
    <img
      className={css.image}
      src={isSmaller ? fullThumbnailUrl : url}
      {...(isSmaller && {
        srcSet: `${largeThumbnailUrl} 768w, ${fullThumbnailUrl} 1536w, ${url} ${Math.max(width, 1537)}w`,
      })}
      sizes="(max-width: 60rem) 100vw, 70vw"
      width={width}
      height={height}
      style={{ '--ratio': width / height, backgroundImage: placeholderOf(thumbHash) }}
      alt={alt}
      draggable={false}
    />
  );
}

function Player({ file, alt }: { file: DetailFile; alt: string }) {
  const { t } = useTranslation(['history', 'generation']);
  const { kind, url, posterUrl, width, height, filename, downloadUrl } = file;
  if (kind === 'VIDEO')
    return (
      <video
        className={css.video}
        src={url}
        poster={posterUrl ?? undefined}
        style={width && height ? { '--ratio': width / height } : undefined}
        aria-label={alt}
        controls
        loop
        playsInline
        preload="metadata"
      />
    );
  if (kind === 'AUDIO') return <audio className={css.audio} src={url} aria-label={alt} controls preload="metadata" />;
  const Icon = kind === 'MODEL_3D' ? Box : File;
  return (
    <div className={css.file}>
      <Icon aria-hidden size={56} strokeWidth={1.25} />
      <p>{filename}</p>
      <a className={buttonClass('plain')} href={absolute(downloadUrl)} download>
        <Download aria-hidden size={18} />
        {t('generation:action.download')}
      </a>
    </div>
  );
}
