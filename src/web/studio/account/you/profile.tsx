/** Who is signed in, and the way out. */
import { LogOut } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useSubmit } from '../../ui/forms/submit';
import { Section } from '../../ui/pages/page';
import { Badge, Row, Rows, RowsWaiting } from '../../ui/pages/rows';
import { Time } from '../../ui/pages/time';
import { useSignOut } from '../sign-out';
import { useViewer } from '../viewer';

export function Profile() {
  const { t } = useTranslation('account');
  const viewer = useViewer();
  const signOut = useSignOut();
  const { isBusy, submit } = useSubmit();
  return (
    <Section title={t('profile.title')}>
      {viewer ? (
        <Rows label={t('profile.title')}>
          <Row
            title={viewer.name ?? viewer.email}
            badge={viewer.role === 'ADMIN' && <Badge>{t('profile.admin')}</Badge>}
            details={
              <>
                {viewer.name && <span>{viewer.email}</span>}
                <span>
                  {t('profile.since')} <Time at={viewer.createdAt} isDay />
                </span>
              </>
            }
            actions={
              <>
                <Button icon={LogOut} disabled={isBusy} onClick={() => void submit(() => signOut(false))}>
                  {t('signOut.here')}
                </Button>
                <ConfirmButton
                  icon={LogOut}
                  look="quiet"
                  label={t('signOut.everywhere')}
                  title={t('signOut.title')}
                  text={t('signOut.text')}
                  run={() => signOut(true)}
                />
              </>
            }
          />
        </Rows>
      ) : (
        <RowsWaiting count={1} />
      )}
    </Section>
  );
}
