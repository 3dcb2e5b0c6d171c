/** One account: its role, its password, and whether it is enabled. */
import { Ban, CircleCheck, KeyRound, ShieldCheck, ShieldOff } from 'lucide-react';
import { type Ref, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type FragmentOf, graphql } from '../../api/graphql';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { useMutate } from '../../ui/forms/mutate';
import { Menu, type MenuItem } from '../../ui/menus/menu';
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

type Act = 'role' | 'password' | 'access';

type UserRowProps = { user: FragmentOf<typeof USER>; isViewer: boolean; ref?: Ref<HTMLLIElement> | undefined };

export function UserRow({ user, isViewer, ref }: UserRowProps) {
  const { id, email, name, role, disabledAt, createdAt } = user;
  const { t } = useTranslation('admin');
  const setRole = useMutate(SET_ROLE);
  const setPassword = useMutate(SET_PASSWORD);
  const disable = useMutate(DISABLE);
  const enable = useMutate(ENABLE);
  const isAdmin = role === 'ADMIN';
  const [asked, setAsked] = useState<Act>();
  const menu = useRef<HTMLSpanElement>(null);
  const opener = () => menu.current?.querySelector('button');
  const asks = (act: Act) => ({ control: { isOpen: asked === act, onClose: () => setAsked(undefined), opener } });
  const roleIcon = isAdmin ? ShieldOff : ShieldCheck;
  const accessIcon = disabledAt ? CircleCheck : Ban;
  const items: MenuItem[] = [
    { icon: roleIcon, label: t(isAdmin ? 'role.take' : 'role.give'), run: () => setAsked('role') },
    { icon: KeyRound, label: t('password.set'), run: () => setAsked('password') },
    { icon: accessIcon, label: t(disabledAt ? 'access.enable' : 'access.disable'), run: () => setAsked('access') },
  ];
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
          <span ref={menu}>
            <Menu label={t('users.manage', { email })} items={isViewer ? items.slice(0, 1) : items} />
          </span>
          <ConfirmButton
            {...asks('role')}
            icon={roleIcon}
            isDanger={isAdmin}
            label={t(isAdmin ? 'role.take' : 'role.give')}
            title={t(isAdmin ? 'role.takeTitle' : 'role.giveTitle', { email })}
            text={isAdmin ? (isViewer ? t('role.takeOwnText') : t('role.takeText')) : t('role.giveText')}
            texts={{ CONFLICT: t('users.lastAdmin') }}
            run={async () => (await setRole({ id, role: isAdmin ? 'USER' : 'ADMIN' })).problem}
          />
          <ConfirmButton
            {...asks('password')}
            icon={KeyRound}
            isDanger={false}
            label={t('password.set')}
            title={t('password.title', { email })}
            text={t('password.text')}
            run={async (form) => {
              const { problem } = await setPassword({ id, password: String(form.get('password')) });
              if (!problem) say(t('password.done', { email }));
              return problem;
            }}
          >
            <PasswordField label={t('password.new')} />
          </ConfirmButton>
          <ConfirmButton
            {...asks('access')}
            icon={accessIcon}
            isDanger={!disabledAt}
            label={t(disabledAt ? 'access.enable' : 'access.disable')}
            title={t(disabledAt ? 'access.enableTitle' : 'access.disableTitle', { email })}
            text={disabledAt ? t('access.enableText') : t('access.disableText')}
            texts={{ CONFLICT: t('users.lastAdmin') }}
            run={async () => (await (disabledAt ? enable : disable)({ id })).problem}
          />
        </>
      }
    />
  );
}
