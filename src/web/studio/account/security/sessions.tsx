/** Where the user is signed in. */
import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Section } from '../../ui/pages/page';
import { Badge, Row, Rows, RowsWaiting } from '../../ui/pages/rows';
import { Time } from '../../ui/pages/time';
import { ProblemNote } from '../../ui/problems/problem-note';
import { browserNameOf } from './browser-name';

const SESSIONS = graphql(`
  query Sessions {
    sessions { id userAgent lastUsedAt createdAt isCurrent }
  }
`);

const END_SESSION = graphql(`
  mutation EndSession($id: ID!) {
    endSession(id: $id)
  }
`);

export function Sessions() {
  const { t } = useTranslation('account');
  const [{ data, error }] = useQuery({ query: SESSIONS });
  const end = useMutate(END_SESSION);
  return (
    <Section title={t('sessions.title')} lead={t('sessions.lead')}>
      <ProblemNote problem={problemOf(error)} />
      {!data && <RowsWaiting />}
      {data?.sessions && (
        <Rows label={t('sessions.title')}>
          {data.sessions.map(({ id, userAgent, lastUsedAt, createdAt, isCurrent }) => {
            const name = browserNameOf(userAgent) ?? t('sessions.unknown');
            return (
              <Row
                key={id}
                title={name}
                badge={isCurrent && <Badge>{t('sessions.current')}</Badge>}
                details={
                  <>
                    <span>
                      {t('sessions.used')} <Time at={lastUsedAt} />
                    </span>
                    <span>
                      {t('sessions.since')} <Time at={createdAt} isDay />
                    </span>
                  </>
                }
                actions={
                  !isCurrent && (
                    <ConfirmButton
                      icon={LogOut}
                      label={t('sessions.end')}
                      title={t('sessions.endTitle', { name })}
                      text={t('sessions.endText')}
                      run={async () => (await end({ id })).problem}
                    />
                  )
                }
              />
            );
          })}
        </Rows>
      )}
    </Section>
  );
}
