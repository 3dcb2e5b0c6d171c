/** Turns notifications on and off. */
import { Bell as BellIcon, BellOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button';
import { say } from '../../ui/toast';
import { canNotify, startNotifying, stopNotifying, useNotifying } from './notify';

export function Bell() {
  const { t } = useTranslation('live');
  const isOn = useNotifying();
  if (!canNotify) return null;
  const toggle = async () => {
    if (isOn) return stopNotifying();
    if (!(await startNotifying(t('bell.sample')))) say(t('bell.denied'), { type: 'problem' });
  };
  return (
    <IconButton
      icon={isOn ? BellIcon : BellOff}
      label={t('bell.label')}
      aria-pressed={isOn}
      onClick={() => void toggle()}
    />
  );
}
