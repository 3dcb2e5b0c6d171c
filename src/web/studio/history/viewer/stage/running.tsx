/** A generation without outputs: its progress while it runs, or why it has none. */
import { Ban, CircleAlert, Hourglass, LoaderCircle } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { absolute } from '../../../api/address';
import { useCancel } from '../../../generation/acts/use-cancel';
import { Frame } from '../../../generation/picture/frame';
import { useFreshWait } from '../../../generation/use-fresh-waits';
import { useWait } from '../../../generation/use-wait';
import { Button } from '../../../ui/button';
import { formatPercent } from '../../../ui/formats';
import { type Detail, isFinal } from '../detail';
import css from './running.module.css';
import { useGestures } from './use-gestures';

const ICONS = {
  PENDING: Hourglass,
  PROCESSING: LoaderCircle,
  CANCELING: LoaderCircle,
  COMPLETED: CircleAlert,
  FAILED: CircleAlert,
  CANCELED: Ban,
};

export function Running({
  detail,
  onSwipe,
  onSwipeDown,
  onRetry,
}: {
  detail: Detail;
  onSwipe(step: number): void;
  onSwipeDown?: (() => void) | undefined;
  onRetry(): void;
}) {
  const { t } = useTranslation(['history', 'generation']);
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  useGestures(frame, content, { canZoom: false, onSwipe, onSwipeDown });
  const cancel = useCancel();
  const { id, status, progress, failure } = detail;
  const Icon = ICONS[status];
  const sign = <Icon aria-hidden size={44} strokeWidth={1.25} />;
  return (
    <div ref={frame} className={css.frame}>
      <div ref={content} className={css.content}>
        {progress?.previewUrl ? (
          <Frame key={id} className={css.preview} url={absolute(progress.previewUrl)} alt={t('viewer.preview')}>
            {sign}
          </Frame>
        ) : (
          sign
        )}
        <p className={css.status}>{t(`generation:status.${status}`)}</p>
        {failure && (
          <>
            <p>{t(`generation:failure.${failure.code}`)}</p>
            <p className={css.reason}>{failure.message}</p>
          </>
        )}
        {!isFinal(status) && <Progress detail={detail} />}
        {!isFinal(status) && status !== 'CANCELING' && (
          <Button onClick={() => void cancel(id)}>{t('generation:action.cancel')}</Button>
        )}
        {(status === 'FAILED' || status === 'CANCELED') && (
          <Button look="primary" onClick={onRetry}>
            {t('generation:action.retry')}
          </Button>
        )}
      </div>
    </div>
  );
}

function Progress({ detail }: { detail: Detail }) {
  const { t, i18n } = useTranslation('history');
  const { progress, backend } = detail;
  useFreshWait(detail);
  const wait = useWait()(detail);
  const parts = [
    progress && formatPercent(progress.fraction, i18n.language),
    ...(wait ? [wait] : words(progress)),
    backend?.name,
  ];
  return (
    <>
      {progress && <progress className={css.bar} aria-label={t('viewer.progress')} value={progress.fraction} />}
      <p className={css.parts}>{parts.filter(Boolean).join(' · ')}</p>
    </>
  );

  function words(reached: Detail['progress']): (string | null | undefined | false)[] {
    return [
      reached?.node,
      reached?.step != null &&
        reached.totalSteps != null &&
        t('viewer.step', { step: reached.step, of: reached.totalSteps }),
      reached?.eta != null && t('viewer.eta', { seconds: Math.ceil(reached.eta) }),
    ];
  }
}
