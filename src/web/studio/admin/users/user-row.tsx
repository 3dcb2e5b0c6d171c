/** One account: its role, its password, and whether it is enabled. */
import { Ban, CircleCheck, KeyRound, ShieldCheck, ShieldOff } from 'lucide-react';
import type { Ref } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql } from '../../api/graphql';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Email } from '../../ui/pages/email';
import { Badge, Row } from '../../ui/pages/rows';
import { Time } from '../../ui/pages/time';
import { say } from '../../ui/toast';
import { PasswordField } from './password-field';

export const USER = graphql(`
  fragment User on User {
    id email name role disabledAt createdAt
  }
`);

const SET_ROLE = graphql(`
  mutation SetRole($id: ID!, $role: Role!) {
    setRole(userId: $id, role: $role) { id role }
  }
`);

const SET_PASSWORD = graphql(`
  mutation SetPassword($id: ID!, $password: String!) {
    setPassword(userId: $id, new: $password) { id }
  }
`);

const DISABLE = graphql(`
  mutation DisableUser($id: ID!) {
    disableUser(id: $id) { id disabledAt }
  }
`);

const ENABLE = graphql(`
  mutation EnableUser($id: ID!) {
    enableUser(id: $id) { id disabledAt }
  }
`);

type UserRowProps = { user: FragmentOf<typeof USER>; isViewer: boolean; ref?: Ref<HTMLLIElement> | undefined };

export function UserRow({ user, isViewer, ref }: UserRowProps) {
  const { id, email, name, role, disabledAt, createdAt } = user;
  const { t } = useTranslation('admin');
  const setRole = useMutate(SET_ROLE);
  const setPassword = useMutate(SET_PASSWORD);
  const disable = useMutate(DISABLE);
  const enable = useMutate(ENABLE);
  const isAdmin = role === 'ADMIN';
  return (
    <Row
      {...(ref && { ref })}
      title={name ?? <Email address={email} />}
      badge={
        <>
          {isAdmin && <Badge look="good">{t('users.admin')}</Badge>}
          {disabledAt && <Badge look="danger">{t('users.disabled')}</Badge>}
          {isViewer && <Badge>{t('users.you')}</Badge>}
        </>
      }
      details={
        <>
          {name && (
            <span>
              <Email address={email} />
            </span>
          )}
          <span>
            {t('users.since')} <Time at={createdAt} isDay />
          </span>
        </>
      }
      actions={
        <>
          <ConfirmButton
            icon={isAdmin ? ShieldOff : ShieldCheck}
            isIcon
            look="quiet"
            isDanger={isAdmin}
            label={t(isAdmin ? 'role.takeFrom' : 'role.giveTo', { email })}
            title={t(isAdmin ? 'role.takeTitle' : 'role.giveTitle', { email })}
            text={isAdmin ? (isViewer ? t('role.takeOwnText') : t('role.takeText')) : t('role.giveText')}
            action={isAdmin ? t('role.take') : t('role.give')}
            texts={{ CONFLICT: t('users.lastAdmin') }}
            run={async () => (await setRole({ id, role: isAdmin ? 'USER' : 'ADMIN' })).problem}
          />
          {!isViewer && (
            <>
              <ConfirmButton
                icon={KeyRound}
                isIcon
                look="quiet"
                isDanger={false}
                label={t('password.setFor', { email })}
                title={t('password.title', { email })}
                text={t('password.text')}
                action={t('password.set')}
                run={async (form) => {
                  const { problem } = await setPassword({ id, password: String(form.get('password')) });
                  if (!problem) say(t('password.done', { email }));
                  return problem;
                }}
              >
                <PasswordField label={t('password.new')} />
              </ConfirmButton>
              <ConfirmButton
                icon={disabledAt ? CircleCheck : Ban}
                isIcon
                look="quiet"
                isDanger={!disabledAt}
                label={t(disabledAt ? 'access.enableUser' : 'access.disableUser', { email })}
                title={t(disabledAt ? 'access.enableTitle' : 'access.disableTitle', { email })}
                text={disabledAt ? t('access.enableText') : t('access.disableText')}
                action={disabledAt ? t('access.enable') : t('access.disable')}
                texts={{ CONFLICT: t('users.lastAdmin') }}
                run={async () => (await (disabledAt ? enable : disable)({ id })).problem}
              />
            </>
          )}
        </>
      }
    />
  );
}
