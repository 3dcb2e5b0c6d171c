/** What stands for a generation in a gallery: its first output, or its state. Fills its parent. */
import {
  AudioLines,
  Ban,
  Box,
  CircleAlert,
  Clapperboard,
  File,
  Hourglass,
  LoaderCircle,
  type LucideIcon,
} from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Duration } from '../duration';
import type { Card, CardFile } from '../fragments';
import { Picture } from './picture';
import css from './thumb.module.css';

const ICONS: Record<Exclude<Card['status'], 'COMPLETED'>, LucideIcon> = {
  PENDING: Hourglass,
  PROCESSING: LoaderCircle,
  CANCELING: LoaderCircle,
  FAILED: CircleAlert,
  CANCELED: Ban,
};

const FILE_ICONS: Partial<Record<CardFile['kind'], LucideIcon>> = {
  VIDEO: Clapperboard,
  AUDIO: AudioLines,
  MODEL_3D: Box,
};

type ThumbProps = {
  card: Pick<Card, 'status' | 'waitReason' | 'result'>;
  /** What it is called. */
  title: string;
  /** The width on the page, as `sizes` of an `img`. */
  sizes: string;
  fit?: 'contain' | 'cover';
  /** Whether to show the title where there is no picture. */
  hasCaption?: boolean;
};

export function Thumb({ card, title, sizes, fit = 'cover', hasCaption = false }: ThumbProps) {
  const { t } = useTranslation('generation');
  const caption = hasCaption ? title : undefined;
  const { result, waitReason } = card;
  // ComfyUI has it, and executes others first.
  const status = card.status === 'PROCESSING' && waitReason ? 'PENDING' : card.status;
  if (status !== 'COMPLETED')
    return <Sign icon={ICONS[status]} label={t(`status.${status}`)} caption={caption} isBad={status === 'FAILED'} />;
  const [image, ...more] = result?.images ?? [];
  const [file] = result?.files ?? [];
  const [text] = result?.texts ?? [];
  const count = more.length + (result?.files.length ?? 0);
  if (image)
    return (
      <>
        <Picture image={image} alt={title} sizes={sizes} fit={fit} />
        {count > 0 && <span className={css.badge}>{t('more', { count })}</span>}
      </>
    );
  if (file)
    return (
      <>
        {file.posterUrl ? (
          <img
            className={css.poster}
            src={file.posterUrl}
            alt={title}
            loading="lazy"
            decoding="async"
            draggable={false}
          />
        ) : (
          <Sign icon={FILE_ICONS[file.kind] ?? File} label={t(`kind.${file.kind}`)} caption={caption} />
        )}
        {file.duration !== null && <Duration className={css.badge} seconds={file.duration} />}
      </>
    );
  return text ? <p className={css.text}>{text.text}</p> : <Sign icon={File} label={t('status.COMPLETED')} />;
}

type SignProps = { icon: LucideIcon; label: string; caption?: string | undefined; isBad?: boolean };

const Sign = ({ icon: Icon, label, caption, isBad = false }: SignProps) => (
  <span className={css.sign}>
    {/* Before the state, as in the name of what the thumb is in. */}
    {caption && <span className={css.caption}>{caption}</span>}{' '}
    <span className={isBad ? `${css.state} ${css.bad}` : css.state}>
      <Icon aria-hidden size={28} />
      {label}
    </span>
  </span>
);
