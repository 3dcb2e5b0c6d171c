/** The first visit: what this is, and an account for it. */
import { Eye, Images, WandSparkles } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ended } from '../api/account';
import { GRAPHIQL_URL } from '../api/address';
import { Mark } from '../shell/mark';
import { Button } from '../ui/button';
import { isKnown } from './sign-in';
import { SignInForm } from './sign-in-form';
import css from './welcome.module.css';

export default function Welcome() {
  const { t } = useTranslation('welcome');
  const [isNew, setIsNew] = useState(() => !isKnown());
  const [hasEnded] = useState(ended.take);
  return (
    <main className={css.page}>
      <section className={css.about}>
        <p className={css.brand}>
          <Mark />
          ComfyGraph
        </p>
        <h1>{t('title')}</h1>
        <p className={css.lead}>{t('lead')}</p>
        <ul className={css.points}>
          <li>
            <WandSparkles aria-hidden size={20} />
            {t('points.create')}
          </li>
          <li>
            <Eye aria-hidden size={20} />
            {t('points.live')}
          </li>
          <li>
            <Images aria-hidden size={20} />
            {t('points.keep')}
          </li>
        </ul>
      </section>
      <section className={css.card}>
        <h2>{isNew ? t('signUp') : t('signIn')}</h2>
        {hasEnded && !isNew && <p role="status">{t('ended')}</p>}
        <SignInForm isNew={isNew} onTaken={() => setIsNew(false)} />
        <Button onClick={() => setIsNew(!isNew)}>{isNew ? t('toSignIn') : t('toSignUp')}</Button>
        <a className={css.note} href={GRAPHIQL_URL.href}>
          {t('developers')}
        </a>
      </section>
    </main>
  );
}
