/** Says when no ComfyUI would run a generation now, and to an admin why. */
import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useGaps } from '../../api/api-context';
import { graphql } from '../../api/graphql';
import { Notice } from '../../ui/notice';
import css from './run.module.css';

const BACKENDS = graphql(`
  query FormBackends {
    backends { id name state reason }
  }
`);

const READ_INTERVAL_MS = 15_000;
const RETRY_MS = 5_000;

export function BackendNotice() {
  const { t } = useTranslation('create');
  const [{ data }, read] = useQuery({ query: BACKENDS });
  useGaps(() => read({ requestPolicy: 'network-only' }));
  const backends = data?.backends ?? [];
  const isOffline = data?.backends != null && !backends.some(({ state }) => state === 'ONLINE');
  const interval = isOffline ? RETRY_MS : READ_INTERVAL_MS;
  useEffect(() => {
    const timer = setInterval(() => !document.hidden && read({ requestPolicy: 'network-only' }), interval);
    return () => clearInterval(timer);
  }, [interval, read]);
  return (
    <div role="status">
      {isOffline && (
        <Notice icon={CloudOff}>
          {backends.some(({ state }) => state === 'DRAINING') ? t('backend.draining') : t('backend.offline')}
          {backends.map(
            ({ id, name, reason }) =>
              reason && (
                <div key={id} className={css.reason}>
                  {name}: {reason}
                </div>
              ),
          )}
        </Notice>
      )}
    </div>
  );
}
