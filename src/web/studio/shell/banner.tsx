/** Says when the page is not live. It is at the foot of the page: nothing moves when it appears. */
import { WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection, useOfflineReason } from '../api/connection';
import { announce } from '../ui/attention/announce';
import css from './banner.module.css';
import { useFoot } from './use-foot';

export function Banner() {
  const { t } = useTranslation();
  const connection = useConnection();
  const reason = useOfflineReason();
  const foot = useFoot();
  const wasOffline = useRef(false);
  useEffect(() => {
    if (wasOffline.current && connection === 'live') announce(t('offline.over'));
    wasOffline.current = connection === 'offline';
  }, [connection, t]);
  return (
    // `aria-live` keeps it audible behind a modal dialog.
    <div ref={foot} role="status" aria-live="polite" className={css.place}>
      {connection === 'offline' && (
        <p className={css.banner}>
          <WifiOff aria-hidden size={18} />
          <span>
            <b>{t(`offline.${reason ?? 'unknown'}`)}</b> {t('offline.note')}
          </span>
        </p>
      )}
    </div>
  );
}
