/** What a user should know of the ComfyUIs: that pictures are simulated, or that none is online. */
import { Info, TriangleAlert } from 'lucide-react';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { useGaps } from '../api/api-context';
import { graphql } from '../api/graphql';
import { useRemembered } from '../api/remembered';
import css from './notices.module.css';

const READ_INTERVAL_MS = 15_000;

const BACKENDS = graphql(`
  query LiveBackends {
    backends { id name state isSimulated reason }
  }
`);

export function Notices() {
  const { t } = useTranslation('live');
  const { t: shell } = useTranslation();
  const [{ data }, read] = useQuery({ query: BACKENDS });
  useGaps(() => read({ requestPolicy: 'network-only' }));
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) read({ requestPolicy: 'network-only' });
    }, READ_INTERVAL_MS);
    return () => clearInterval(timer);
  }, [read]);

  // Its place is kept until it is known.
  const isSimulated = useRemembered(
    'simulated',
    data?.backends?.length ? `${data.backends.some((each) => each.isSimulated)}` : undefined,
  );
  const backends = data?.backends ?? [];
  const isNoneOnline = backends.length > 0 && !backends.some(({ state }) => state === 'ONLINE');
  const isDraining = backends.some(({ state }) => state === 'DRAINING');
  return (
    <div className={css.notices} role="status">
      {isNoneOnline && (
        <div className={`${css.warning} ${css.beside}`}>
          <TriangleAlert aria-hidden size={18} />
          <div>
            <p>{t(isDraining ? 'draining' : 'noneOnline')}</p>
            {backends.map(
              ({ id, name, reason }) =>
                reason && (
                  <p key={id} className={css.reason}>
                    {name}: {reason}
                  </p>
                ),
            )}
          </div>
        </div>
      )}
      {isSimulated !== 'false' && (
        <p className={css.note} style={{ visibility: isSimulated ? undefined : 'hidden' }}>
          <Info aria-hidden size={18} />
          {shell('simulated')}
        </p>
      )}
    </div>
  );
}
