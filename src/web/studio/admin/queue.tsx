/** Whose generations wait and run. There are no live changes of other users' work, so the list is read every few seconds. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, type ResultOf } from '../api/graphql';
import { Button } from '../ui/button';
import { Email } from '../ui/pages/email';
import { Section } from '../ui/pages/page';
import { usePolled } from '../ui/pages/polling';
import { Badge, Nothing, Row, Rows, RowsWaiting } from '../ui/pages/rows';
import { Time } from '../ui/pages/time';
import { ProblemNote } from '../ui/problems/problem-note';
import css from './admin.module.css';

const QUEUE = graphql(`
  query Queue {
    queue {
      user { id email name }
      waiting running waitingSince
    }
  }
`);

type Entry = NonNullable<ResultOf<typeof QUEUE>['queue']>[number];

const POLL_MS = 3_000;
/** How many rows are shown at first: the users' accounts are below. */
const FEW = 8;
/** The API lists no more. */
const MAX = 100;

export function Queue({ viewerId }: { viewerId: string }) {
  const { t } = useTranslation('admin');
  const [isAll, setIsAll] = useState(false);
  const { data, problem } = usePolled({ query: QUEUE }, POLL_MS);
  const entries = data?.queue ?? [];
  const count = entries.length;
  return (
    <Section title={t('queue.title')} lead={t('queue.lead')}>
      <ProblemNote problem={problem} />
      <div className={css.queue}>
        {!data && !problem && <RowsWaiting count={1} />}
        {data?.queue && count === 0 && <Nothing>{t('queue.none')}</Nothing>}
        {count > 0 && (
          <Rows label={t('queue.title')}>
            {(isAll ? entries : entries.slice(0, FEW)).map((entry) => (
              <QueueRow key={entry.user.id} entry={entry} isViewer={entry.user.id === viewerId} />
            ))}
          </Rows>
        )}
        {isAll && count >= MAX && <Nothing>{t('queue.first', { count: MAX })}</Nothing>}
        {count > FEW && (
          <Button wide look="quiet" onClick={() => setIsAll(!isAll)}>
            {isAll ? t('queue.fewer') : t('queue.all', { count })}
          </Button>
        )}
      </div>
    </Section>
  );
}

function QueueRow({ entry, isViewer }: { entry: Entry; isViewer: boolean }) {
  const { t } = useTranslation('admin');
  const { user, waiting, running, waitingSince } = entry;
  return (
    <Row
      title={user.name ?? <Email address={user.email} />}
      badge={isViewer && <Badge>{t('users.you')}</Badge>}
      details={
        <>
          {user.name && (
            <span>
              <Email address={user.email} />
            </span>
          )}
          <span>
            {waitingSince ? (
              <>
                {t('queue.since')} <Time at={waitingSince} />
              </>
            ) : (
              t('queue.nothing')
            )}
          </span>
        </>
      }
      actions={
        <>
          {running > 0 && <Badge look="good">{t('queue.running', { count: running })}</Badge>}
          {waiting > 0 && <Badge>{t('queue.waiting', { count: waiting })}</Badge>}
        </>
      }
    />
  );
}
