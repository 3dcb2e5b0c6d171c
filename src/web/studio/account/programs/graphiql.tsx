/** The way to the API for people who write programs. */
import { ExternalLink } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { API_URL, GRAPHIQL_URL } from '../../api/address';
import { buttonClass } from '../../ui/button';
import { CopyField } from '../../ui/forms/copy-field';
import { Section } from '../../ui/pages/page';

export function Graphiql() {
  const { t } = useTranslation('account');
  return (
    <Section
      title={t('graphiql.title')}
      lead={t('graphiql.lead')}
      actions={
        <a className={buttonClass()} href={GRAPHIQL_URL.href}>
          <ExternalLink aria-hidden size={18} />
          {t('graphiql.open')}
        </a>
      }
    >
      <CopyField label={t('graphiql.address')} text={API_URL.href} />
    </Section>
  );
}
