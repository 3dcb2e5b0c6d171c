import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { roomOf } from './hash-location';

const ROOMS = ['history', 'workflows', 'admin', 'account'] as const;

/** @returns the name of the room that the address shows */
export function useRoomName(): { name: string; isFirst: boolean } {
  const { t } = useTranslation();
  const [path] = useLocation();
  const room = ROOMS.find((each) => `/${each}` === roomOf(path));
  return { name: t(`nav.${room ?? 'create'}`), isFirst: room === undefined };
}
