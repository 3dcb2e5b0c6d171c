/** For an address that leads to no room. */
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { buttonClass } from '../ui/button';
import css from './place.module.css';

export function NotFound() {
  const { t } = useTranslation();
  return (
    <div className={css.place}>
      <h1>{t('notFound.title')}</h1>
      <p>{t('notFound.text')}</p>
      <Link to="/" className={buttonClass('primary')}>
        {t('notFound.action')}
      </Link>
    </div>
  );
}
