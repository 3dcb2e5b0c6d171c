/** All accounts. Each page of the list is a query of its own. */
import { UserPlus } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { Button } from '../../ui/button';
import { Section } from '../../ui/pages/page';
import { Rows, RowsWaiting } from '../../ui/pages/rows';
import { ProblemNote } from '../../ui/problems/problem-note';
import { NewUser } from './new-user';
import { USER, UserRow } from './user-row';

const USERS = graphql(
  `
    query Users($after: String) {
      users(first: 20, after: $after) {
        nodes { ...User }
        pageInfo { hasNextPage endCursor }
        totalCount
      }
    }
  `,
  [USER],
);

export function Users({ viewerId }: { viewerId: string }) {
  const { t } = useTranslation('admin');
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  const [isNew, setIsNew] = useState(false);
  const [{ data }] = useQuery({ query: USERS, variables: { after: null } });
  const count = data?.users?.totalCount;
  return (
    <Section
      title={t('users.title')}
      lead={count === undefined ? t('users.lead') : t('users.count', { count })}
      actions={
        <Button icon={UserPlus} onClick={() => setIsNew(true)}>
          {t('users.create')}
        </Button>
      }
    >
      {isNew && <NewUser onClose={() => setIsNew(false)} />}
      <Rows label={t('users.title')}>
        {cursors.map((after) => (
          <UserPage
            key={after ?? ''}
            after={after}
            viewerId={viewerId}
            isMore={after !== null}
            isLast={after === cursors.at(-1)}
            onMore={(cursor) => setCursors([...cursors, cursor])}
          />
        ))}
      </Rows>
    </Section>
  );
}

type PageProps = {
  after: string | null;
  viewerId: string;
  /** Whether the user asked for it. */
  isMore: boolean;
  isLast: boolean;
  onMore(cursor: string): void;
};

function UserPage({ after, viewerId, isMore, isLast, onMore }: PageProps) {
  const { t } = useTranslation('admin');
  const [{ data, error }] = useQuery({ query: USERS, variables: { after } });
  const page = data?.users;
  const next = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  const first = useRef<HTMLLIElement>(null);
  const isRead = Boolean(page);
  // The button that had the focus is gone.
  useEffect(() => {
    if (isRead && isMore) first.current?.querySelector('button')?.focus();
  }, [isRead, isMore]);
  if (!page) return <li>{error ? <ProblemNote problem={problemOf(error)} /> : <RowsWaiting count={3} />}</li>;
  return (
    <>
      {page.nodes.map((user, at) => (
        <UserRow key={user.id} ref={at === 0 ? first : undefined} user={user} isViewer={user.id === viewerId} />
      ))}
      {isLast && next && (
        <li>
          <Button wide look="quiet" onClick={() => onMore(next)}>
            {t('users.more')}
          </Button>
        </li>
      )}
    </>
  );
}
