import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

const ROOMS = ['history', 'workflows', 'admin', 'account'] as const;

/** @returns the name of the room that the address shows */
export function useRoomName(): { name: string; isFirst: boolean } {
  const { t } = useTranslation();
  const [path] = useLocation();
  const room = ROOMS.find((each) => each === path.split('/')[1]);
  return { name: t(`nav.${room ?? 'create'}`), isFirst: room === undefined };
}
