/** Says when the page is not live. */
import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConnection, useOfflineReason } from '../api/connection';
import css from './shell.module.css';

export function Banner() {
  const { t } = useTranslation();
  const connection = useConnection();
  const reason = useOfflineReason();
  return (
    <div role="status">
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
