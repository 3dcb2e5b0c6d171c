/** Says that pictures are simulated. */
import { Info } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useGaps } from '../api/api-context';
import { graphql } from '../api/graphql';
import css from './notices.module.css';

const BACKENDS = graphql(`
  query LiveBackends {
    backends { id isSimulated }
  }
`);

export function Notices() {
  const { t } = useTranslation();
  const [{ data }, read] = useQuery({ query: BACKENDS });
  useGaps(() => read({ requestPolicy: 'network-only' }));
  return (
    <div className={css.notices} role="status">
      {data?.backends?.some(({ isSimulated }) => isSimulated) && (
        <p className={css.note}>
          <Info aria-hidden size={18} />
          {t('simulated')}
        </p>
      )}
    </div>
  );
}
