/** Says when no ComfyUI would run a generation now, where the list that says it is not beside the form. */
import { CloudOff } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { graphql } from '../../api/graphql';
import { Notice } from '../../ui/notice';
import css from './run.module.css';

const BACKENDS = graphql(`
  query FormBackends {
    backends { id state }
  }
`);

const RETRY_MS = 5_000;

export function BackendNotice() {
  const { t } = useTranslation('create');
  const [{ data }, read] = useQuery({ query: BACKENDS });
  const backends = data?.backends ?? [];
  const isOffline = data?.backends != null && !backends.some(({ state }) => state === 'ONLINE');
  useEffect(() => {
    if (!isOffline) return;
    const timer = setInterval(() => read({ requestPolicy: 'network-only' }), RETRY_MS);
    return () => clearInterval(timer);
  }, [isOffline, read]);
  return (
    <div role="status" className={css.notice}>
      {isOffline && (
        <Notice icon={CloudOff}>
          {backends.some(({ state }) => state === 'DRAINING') ? t('backend.draining') : t('backend.offline')}
        </Notice>
      )}
    </div>
  );
}
