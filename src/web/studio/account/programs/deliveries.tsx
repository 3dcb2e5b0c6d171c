/** The deliveries of a webhook. Each page of the list is a query of its own. */
import { RotateCw } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, type ResultOf } from '../../api/graphql';
import { Button, IconButton } from '../../ui/button';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { usePolled } from '../../ui/pages/polling';
import { Badge, Nothing, Row, Rows, RowsWaiting } from '../../ui/pages/rows';
import { Time } from '../../ui/pages/time';
import { ProblemNote } from '../../ui/problems/problem-note';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import css from './programs.module.css';

const DELIVERY = graphql(`
  fragment DeliveryRow on Delivery {
    id event generationId state attempts responseStatus error nextAttemptAt createdAt deliveredAt
  }
`);

const DELIVERIES = graphql(
  `
    query Deliveries($id: ID!, $after: String) {
      node(id: $id) {
        __typename
        ... on Webhook {
          id
          deliveries(first: 10, after: $after) {
            nodes { ...DeliveryRow }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
  `,
  [DELIVERY],
);

const REDELIVER = graphql(
  `
    mutation Redeliver($id: ID!) {
      redeliver(id: $id) { ...DeliveryRow }
    }
  `,
  [DELIVERY],
);

type Delivery = Extract<
  NonNullable<ResultOf<typeof DELIVERIES>['node']>,
  { __typename: 'Webhook' }
>['deliveries']['nodes'][number];

const POLL_MS = 3_000;
const LOOKS = { PENDING: 'warn', DELIVERED: 'good', FAILED: 'danger' } as const;

export function Deliveries({ webhookId, isDisabled }: { webhookId: string; isDisabled: boolean }) {
  const { t } = useTranslation('account');
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <div className={css.deliveries}>
      <Rows label={t('deliveries.title')}>
        {cursors.map((after) => (
          <DeliveryPage
            key={after ?? ''}
            webhookId={webhookId}
            after={after}
            isDisabled={isDisabled}
            isLast={after === cursors.at(-1)}
            onMore={(cursor) => setCursors([...cursors, cursor])}
          />
        ))}
      </Rows>
    </div>
  );
}

type PageProps = {
  webhookId: string;
  after: string | null;
  isDisabled: boolean;
  isLast: boolean;
  onMore(cursor: string): void;
};

function DeliveryPage({ webhookId, after, isDisabled, isLast, onMore }: PageProps) {
  const { t } = useTranslation('account');
  const { data, problem } = usePolled(
    { query: DELIVERIES, variables: { id: webhookId, after } },
    after === null ? POLL_MS : undefined,
  );
  const page = data?.node?.__typename === 'Webhook' ? data.node.deliveries : undefined;
  const next = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  if (!page) return <li>{problem ? <ProblemNote problem={problem} /> : <RowsWaiting />}</li>;
  return (
    <>
      {problem && (
        <li>
          <ProblemNote problem={problem} />
        </li>
      )}
      {page.nodes.length === 0 && (
        <li>
          <Nothing>{t('deliveries.none')}</Nothing>
        </li>
      )}
      {page.nodes.map((delivery) => (
        <DeliveryRow key={delivery.id} delivery={delivery} isDisabled={isDisabled} />
      ))}
      {isLast && next && (
        <li>
          <Button look="quiet" onClick={() => onMore(next)}>
            {t('deliveries.more')}
          </Button>
        </li>
      )}
    </>
  );
}

function DeliveryRow({ delivery, isDisabled }: { delivery: Delivery; isDisabled: boolean }) {
  const { t } = useTranslation('account');
  const { id, event, state, attempts, responseStatus, error, nextAttemptAt, createdAt } = delivery;
  const redeliver = useMutate(REDELIVER);
  const sayProblem = useSayProblem();
  const { isBusy, submit } = useSubmit();
  return (
    <Row
      title={t(`events.${event}`)}
      badge={<Badge look={LOOKS[state]}>{t(`deliveries.states.${state}`)}</Badge>}
      details={
        <>
          <Time at={createdAt} />
          <span>{t('deliveries.attempts', { count: attempts })}</span>
          {responseStatus !== null && <span>HTTP {responseStatus}</span>}
          {nextAttemptAt && (
            <span>
              {t('deliveries.next')} <Time at={nextAttemptAt} />
            </span>
          )}
          {error && <span className={css.failure}>{error}</span>}
        </>
      }
      actions={
        !isDisabled && (
          <IconButton
            icon={RotateCw}
            label={t('deliveries.again')}
            disabled={isBusy}
            onClick={() =>
              void submit(async () => {
                const { problem } = await redeliver({ id });
                sayProblem(problem);
                return problem;
              })
            }
          />
        )
      }
    />
  );
}
