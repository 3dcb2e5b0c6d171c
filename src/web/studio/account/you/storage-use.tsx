/** How much the user has stored, and what is kept. */
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { formatBytes, localeOf } from '../../ui/formats';
import { Section } from '../../ui/pages/page';
import { ProblemNote } from '../../ui/problems/problem-note';
import css from './storage-use.module.css';

const STORAGE = graphql(`
  query Storage {
    storage { generations byteSize expiring keepsDays keepsCount keepsBytes }
  }
`);

export function StorageUse() {
  const { t, i18n } = useTranslation('account');
  const [{ data, error }] = useQuery({ query: STORAGE });
  const storage = data?.storage;
  const bytes = (size: number) => formatBytes(size, i18n.language);
  const number = (count: number) => count.toLocaleString(localeOf(i18n.language));
  const rules = storage
    ? [
        storage.keepsDays !== null && t('storage.days', { count: storage.keepsDays }),
        storage.keepsCount !== null && t('storage.newest', { count: storage.keepsCount }),
        storage.keepsBytes !== null && t('storage.bytes', { size: bytes(storage.keepsBytes) }),
      ].filter((rule) => rule !== false)
    : [];
  return (
    <Section title={t('storage.title')}>
      <ProblemNote problem={problemOf(error)} />
      <dl className={css.numbers}>
        <div>
          <dt>{t('storage.generations')}</dt>
          <dd>{storage ? number(storage.generations) : '…'}</dd>
        </div>
        <div>
          <dt>{t('storage.size')}</dt>
          <dd>{storage ? bytes(storage.byteSize) : '…'}</dd>
        </div>
      </dl>
      {storage && rules.length === 0 && <p className={css.note}>{t('storage.forEver')}</p>}
      {rules.length > 0 && (
        <ul className={css.note}>
          {rules.map((rule) => (
            <li key={rule}>{rule}</li>
          ))}
        </ul>
      )}
      {storage && storage.expiring > 0 && (
        <p className={css.expiring}>{t('storage.expiring', { count: storage.expiring })}</p>
      )}
    </Section>
  );
}
