/** The picture of a card: preview frames while it is made, then its outputs. Its size never changes. */
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import type { Card } from '../../generation/fragments';
import { Frame } from '../../generation/picture/frame';
import { Thumb } from '../../generation/picture/thumb';
import { useTitle } from '../../generation/use-title';
import { formatPercent } from '../../ui/formats';
import { FileOutput } from './file-output';
import css from './media.module.css';
import { useLength } from './use-length';

/** Of a card in the list, for the choice of a thumbnail. */
const SIZES = '(max-width: 48rem) 92vw, 20rem';

/** Closing the large view then leads back to the list. */
export const FROM_LIST = { isFromList: true };

export function Media({ card }: { card: Card }) {
  const title = useTitle()(card);
  const { id, status, attempt, progress, result, waitReason } = card;
  const hasEndedBadly = status === 'FAILED' || status === 'CANCELED';
  const [file] = result?.images.length ? [] : (result?.files ?? []);
  return (
    <div className={css.media} data-status={status}>
      {file ? (
        <FileOutput card={card} file={file} />
      ) : (
        // The prompt is the link for keyboards and screen readers.
        <Link className={css.link} to={`/history/${id}`} state={FROM_LIST} tabIndex={-1} aria-hidden>
          {hasEndedBadly ? (
            <Thumb card={card} title={title} sizes={SIZES} />
          ) : (
            <Frame key={attempt} url={progress?.previewUrl ?? undefined}>
              {status !== 'COMPLETED' && <Thumb card={card} title={title} sizes={SIZES} />}
            </Frame>
          )}
          {status === 'COMPLETED' && <Thumb card={card} title={title} sizes={SIZES} fit="contain" />}
        </Link>
      )}
      {progress && <Bar progress={progress} isLost={waitReason !== null} label={title} />}
    </div>
  );
}

type BarProps = {
  progress: NonNullable<Card['progress']>;
  /** Its ComfyUI does not respond: nobody knows how long it takes. */
  isLost: boolean;
  label: string;
};

function Bar({ progress: { fraction, eta }, isLost, label }: BarProps) {
  const { t, i18n } = useTranslation('live');
  const lengthOf = useLength();
  const percent = formatPercent(fraction, i18n.language);
  const left = eta === null || isLost ? undefined : lengthOf(Math.max(1, Math.round(eta)));
  return (
    <>
      <span className={css.percent} aria-hidden>
        {percent}
        {left && ` · ${left}`}
      </span>
      <div
        className={css.bar}
        data-lost={isLost}
        role="progressbar"
        aria-label={label}
        aria-valuenow={Math.floor(fraction * 100)}
        aria-valuetext={left ? `${percent}, ${t('left', { time: left })}` : percent}
      >
        <div className={css.done} style={{ transform: `scaleX(${fraction})` }} />
      </div>
    </>
  );
}
