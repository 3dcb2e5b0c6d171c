/** Credentials for programs. */
import { Plus, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { Button } from '../../ui/button';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Section } from '../../ui/pages/page';
import { Badge, Nothing, Row, Rows, RowsWaiting } from '../../ui/pages/rows';
import { Time } from '../../ui/pages/time';
import { ProblemNote } from '../../ui/problems/problem-note';
import { NewApiKey } from './new-api-key';

const API_KEYS = graphql(`
  query ApiKeys {
    apiKeys { id name prefix createdAt expiresAt lastUsedAt }
  }
`);

const DELETE_API_KEY = graphql(`
  mutation DeleteApiKey($id: ID!) {
    deleteApiKey(id: $id)
  }
`);

export function ApiKeys() {
  const { t } = useTranslation('account');
  const [{ data, error }] = useQuery({ query: API_KEYS });
  const remove = useMutate(DELETE_API_KEY);
  const [isNew, setIsNew] = useState(false);
  return (
    <Section
      title={t('keys.title')}
      lead={t('keys.lead')}
      actions={
        <Button icon={Plus} onClick={() => setIsNew(true)}>
          {t('keys.create')}
        </Button>
      }
    >
      {isNew && <NewApiKey onClose={() => setIsNew(false)} />}
      <ProblemNote problem={problemOf(error)} />
      {!data && <RowsWaiting />}
      {data?.apiKeys?.length === 0 && <Nothing>{t('keys.none')}</Nothing>}
      {data?.apiKeys && data.apiKeys.length > 0 && (
        <Rows label={t('keys.title')}>
          {data.apiKeys.map(({ id, name, prefix, createdAt, expiresAt, lastUsedAt }) => (
            <Row
              key={id}
              title={name}
              badge={isPast(expiresAt) && <Badge look="warn">{t('keys.expired')}</Badge>}
              details={
                <>
                  <code>{prefix}…</code>
                  <span>
                    {t('keys.created')} <Time at={createdAt} isDay />
                  </span>
                  <span>
                    {expiresAt ? (
                      <>
                        {t('keys.expires')} <Time at={expiresAt} isDay />
                      </>
                    ) : (
                      t('keys.never')
                    )}
                  </span>
                  <span>
                    {lastUsedAt ? (
                      <>
                        {t('keys.used')} <Time at={lastUsedAt} />
                      </>
                    ) : (
                      t('keys.unused')
                    )}
                  </span>
                </>
              }
              actions={
                <ConfirmButton
                  icon={Trash2}
                  isIcon
                  look="quiet"
                  label={t('keys.delete', { name })}
                  title={t('keys.deleteTitle', { name })}
                  text={t('keys.deleteText')}
                  action={t('keys.deleteAction')}
                  run={async () => (await remove({ id })).problem}
                />
              }
            />
          ))}
        </Rows>
      )}
    </Section>
  );
}

const isPast = (time: string | null): boolean => time !== null && Date.parse(time) < Date.now();
