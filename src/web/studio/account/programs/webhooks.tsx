/** Addresses that are told what happens to the user's generations. */
import { ChevronDown, ChevronUp, Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql, type ResultOf } from '../../api/graphql';
import { Button } from '../../ui/button';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Section } from '../../ui/pages/page';
import { Badge, Nothing, Row, Rows, RowsWaiting } from '../../ui/pages/rows';
import { ProblemNote } from '../../ui/problems/problem-note';
import { Deliveries } from './deliveries';
import { NewWebhook } from './new-webhook';

const WEBHOOKS = graphql(`
  query Webhooks {
    webhooks { id url events description createdAt disabledAt }
  }
`);

const DELETE_WEBHOOK = graphql(`
  mutation DeleteWebhook($id: ID!) {
    deleteWebhook(id: $id)
  }
`);

type Webhook = NonNullable<ResultOf<typeof WEBHOOKS>['webhooks']>[number];

export function Webhooks() {
  const { t } = useTranslation('account');
  const [{ data, error }] = useQuery({ query: WEBHOOKS });
  const [isNew, setIsNew] = useState(false);
  return (
    <Section
      title={t('webhooks.title')}
      lead={t('webhooks.lead')}
      actions={
        <Button icon={Plus} onClick={() => setIsNew(true)}>
          {t('webhooks.create')}
        </Button>
      }
    >
      {isNew && <NewWebhook onClose={() => setIsNew(false)} />}
      <ProblemNote problem={problemOf(error)} />
      {!data && <RowsWaiting />}
      {data?.webhooks?.length === 0 && <Nothing>{t('webhooks.none')}</Nothing>}
      {data?.webhooks && data.webhooks.length > 0 && (
        <Rows label={t('webhooks.title')}>
          {data.webhooks.map((webhook) => (
            <WebhookRow key={webhook.id} webhook={webhook} />
          ))}
        </Rows>
      )}
    </Section>
  );
}

function WebhookRow({ webhook: { id, url, events, description, disabledAt } }: { webhook: Webhook }) {
  const { t } = useTranslation('account');
  const remove = useMutate(DELETE_WEBHOOK);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <Row
      title={description ?? url}
      badge={disabledAt && <Badge look="danger">{t('webhooks.disabled')}</Badge>}
      details={
        <>
          {description && <span>{url}</span>}
          <span>{events.map((event) => t(`events.${event}`)).join(', ')}</span>
        </>
      }
      actions={
        <>
          <Button
            icon={isOpen ? ChevronUp : ChevronDown}
            look="quiet"
            aria-expanded={isOpen}
            onClick={() => setIsOpen(!isOpen)}
          >
            {t('deliveries.title')}
          </Button>
          <ConfirmButton
            icon={Trash2}
            isIcon
            look="quiet"
            label={t('webhooks.delete', { url })}
            title={t('webhooks.deleteTitle')}
            text={t('webhooks.deleteText', { url })}
            action={t('webhooks.deleteAction')}
            run={async () => (await remove({ id })).problem}
          />
        </>
      }
    >
      {isOpen && <Deliveries webhookId={id} isDisabled={disabledAt !== null} />}
    </Row>
  );
}
