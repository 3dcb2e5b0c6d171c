/** The ComfyUI servers: health, load, drain. They have no live changes, so the list is read every few seconds. */
import { CirclePause, CirclePlay } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { graphql, type ResultOf } from '../api/graphql';
import { ConfirmButton } from '../ui/forms/confirm-button';
import { useMutate } from '../ui/forms/mutate';
import { Section } from '../ui/pages/page';
import { usePolled } from '../ui/pages/polling';
import { Badge, Nothing, Row, Rows, RowsWaiting } from '../ui/pages/rows';
import { Time } from '../ui/pages/time';
import { ProblemNote } from '../ui/problems/problem-note';
import css from './admin.module.css';

const BACKENDS = graphql(`
  query Backends {
    backends { id name isSimulated state isDraining running pending lastSeenAt reason version device }
  }
`);

const DRAIN = graphql(`
  mutation DrainBackend($name: String!) {
    drainBackend(name: $name) { id state isDraining }
  }
`);

const RESUME = graphql(`
  mutation ResumeBackend($name: String!) {
    resumeBackend(name: $name) { id state isDraining }
  }
`);

type Backend = NonNullable<ResultOf<typeof BACKENDS>['backends']>[number];

const POLL_MS = 3_000;
/** A reason that names the request that failed. */
const IS_REQUEST = /^(GET|POST) \//;
const LOOKS = { ONLINE: 'good', DRAINING: 'warn', OFFLINE: 'danger' } as const;

export function Backends() {
  const { t } = useTranslation('admin');
  const { data, problem } = usePolled({ query: BACKENDS }, POLL_MS);
  const backends = data?.backends;
  return (
    <Section title={t('backends.title')} lead={t('backends.lead')}>
      <ProblemNote problem={problem} />
      {!data && !problem && <RowsWaiting />}
      {backends?.length === 0 && <Nothing>{t('backends.none')}</Nothing>}
      {backends && backends.length > 0 && (
        <Rows label={t('backends.title')}>
          {backends.map((backend) => (
            <BackendRow key={backend.id} backend={backend} />
          ))}
        </Rows>
      )}
    </Section>
  );
}

function BackendRow({ backend }: { backend: Backend }) {
  const { t } = useTranslation('admin');
  const { name, isSimulated, state, isDraining, running, pending, lastSeenAt, reason, version, device } = backend;
  const drain = useMutate(DRAIN);
  const resume = useMutate(RESUME);
  return (
    <Row
      title={name}
      badge={
        <>
          <Badge look={LOOKS[state]}>{t(`backends.states.${state}`)}</Badge>
          {state === 'OFFLINE' && isDraining && <Badge look={LOOKS.DRAINING}>{t('backends.states.DRAINING')}</Badge>}
          {isSimulated && <Badge>{t('backends.simulated')}</Badge>}
        </>
      }
      details={
        <>
          {state !== 'OFFLINE' && (
            <span className={css.load}>
              {t('backends.running', { count: running })}, {t('backends.pending', { count: pending })}
            </span>
          )}
          {version && <span>ComfyUI {version}</span>}
          {device && <span>{device}</span>}
          {state === 'OFFLINE' && (
            <span>
              {lastSeenAt ? (
                <>
                  {t('backends.seen')} <Time at={lastSeenAt} />
                </>
              ) : (
                t('backends.neverSeen')
              )}
            </span>
          )}
          {reason && (
            <span className={css.reason}>
              {IS_REQUEST.test(reason) ? (
                <>
                  {t('backends.unreachable')} <small>({reason})</small>
                </>
              ) : (
                reason
              )}
            </span>
          )}
        </>
      }
      actions={
        <ConfirmButton
          icon={isDraining ? CirclePlay : CirclePause}
          isDanger={false}
          label={isDraining ? t('backends.resume') : t('backends.drain')}
          title={t(isDraining ? 'backends.resumeTitle' : 'backends.drainTitle', { name })}
          text={isDraining ? t('backends.resumeText') : t('backends.drainText')}
          run={async () => (await (isDraining ? resume : drain)({ name })).problem}
        />
      }
    />
  );
}
