/** The account of the user: about the user, its security, and access for programs. */
import { useTranslation } from 'react-i18next';
import { useRoute } from 'wouter';
import { Page, Parts } from '../ui/pages/page';
import { ApiKeys } from './programs/api-keys';
import { Graphiql } from './programs/graphiql';
import { Webhooks } from './programs/webhooks';
import { DeleteAccount } from './security/delete-account';
import { Password } from './security/password';
import { Sessions } from './security/sessions';
import { Preferences } from './you/preferences';
import { Profile } from './you/profile';
import { StorageUse } from './you/storage-use';

export default function AccountRoom() {
  const { t } = useTranslation('account');
  const [, params] = useRoute('/account/:part?');
  const part = params?.part;
  const link = (name: string | undefined, text: string) => ({
    to: name ? `/account/${name}` : '/account',
    text,
    isCurrent: part === name,
  });
  return (
    <Page title={t('title')}>
      <Parts
        label={t('parts.label')}
        parts={[
          link(undefined, t('parts.you')),
          link('security', t('parts.security')),
          link('programs', t('parts.programs')),
        ]}
      />
      {part === 'security' ? (
        <>
          <Password />
          <Sessions />
          <DeleteAccount />
        </>
      ) : part === 'programs' ? (
        <>
          <ApiKeys />
          <Webhooks />
          <Graphiql />
        </>
      ) : (
        <>
          <Profile />
          <Preferences />
          <StorageUse />
        </>
      )}
    </Page>
  );
}
