/** Says when the page is not live. */
import { WifiOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useConnection, useOfflineReason } from '../api/connection';
import { announce } from '../ui/attention/announce';
import css from './shell.module.css';

export function Banner() {
  const { t } = useTranslation();
  const connection = useConnection();
  const reason = useOfflineReason();
  const wasOffline = useRef(false);
  useEffect(() => {
    if (wasOffline.current && connection === 'live') announce(t('offline.over'));
    wasOffline.current = connection === 'offline';
  }, [connection, t]);
  return (
    // `aria-live` keeps it audible behind a modal dialog.
    <div role="status" aria-live="polite">
      {connection === 'offline' && (
        <p className={css.banner}>
          <WifiOff aria-hidden size={18} />
          <span>
            {t(`offline.${reason ?? 'unknown'}`)} {t('offline.note')}
          </span>
        </p>
      )}
    </div>
  );
}
