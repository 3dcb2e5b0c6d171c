/** Says when the page is not live. */
import { WifiOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useConnection } from '../api/connection';
import css from './shell.module.css';

export function Banner() {
  const { t } = useTranslation();
  const connection = useConnection();
  return (
    <div role="status">
      {connection === 'offline' && (
        <p className={css.banner}>
          <WifiOff aria-hidden size={18} />
          {t('offline')}
        </p>
      )}
    </div>
  );
}
