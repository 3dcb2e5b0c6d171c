/** Says when no ComfyUI would run a generation now, or only one that simulates. */
import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import css from './run.module.css';

const BACKENDS = graphql(`
  query FormBackends {
    backends { id state isSimulated }
  }
`);

const RETRY_MS = 5_000;

export function BackendNotice() {
  const { t } = useTranslation(['create', 'shell']);
  const [{ data }, read] = useQuery({ query: BACKENDS });
  const backends = data?.backends ?? [];
  const isOffline = data?.backends != null && !backends.some(({ state }) => state === 'ONLINE');
  useEffect(() => {
    if (!isOffline) return;
    const timer = setInterval(() => read({ requestPolicy: 'network-only' }), RETRY_MS);
    return () => clearInterval(timer);
  }, [isOffline, read]);
  const isSimulated = backends.length > 0 && backends.every((backend) => backend.isSimulated);
  return (
    <div role="status">
      {isOffline && (
        <p className={css.notice}>
          <CloudOff aria-hidden size={18} />
          {backends.some(({ state }) => state === 'DRAINING') ? t('backend.draining') : t('backend.offline')}
        </p>
      )}
      {!isOffline && isSimulated && <p className={css.quiet}>{t('shell:simulated')}</p>}
    </div>
  );
}
