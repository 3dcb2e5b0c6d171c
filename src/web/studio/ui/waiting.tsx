/** Shown while a part of the page loads. */
import { useTranslation } from 'react-i18next';
import css from './waiting.module.css';

export function Waiting() {
  const { t } = useTranslation('shell', { useSuspense: false });
  return (
    <div className={css.waiting} role="status">
      <span className={css.bar} aria-hidden />
      <span className={css.bar} aria-hidden />
      <span className={css.bar} aria-hidden />
      <span className="visually-hidden">{t('loading')}</span>
    </div>
  );
}
