/** What the studio tells somebody who looks elsewhere: by voice, in the title of the tab, and by notifications. */
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { navigate } from 'wouter/use-hash-location';
import { absolute } from '../../api/address';
import { useTitle } from '../../generation/use-title';
import { useRoomName } from '../../shell/use-room-name';
import { announce } from '../../ui/attention/announce';
import { formatPercent } from '../../ui/formats';
import { RUNNING, usePage } from '../pages';
import { isNotifying, notify } from './notify';
import { useFinished } from './use-finished';

const NAME = 'ComfyGraph';
const SIGNS = { COMPLETED: '✓', FAILED: '✗', CANCELED: '✗' };
const MAX_TITLE = 40;

export function Background() {
  const { t, i18n } = useTranslation('live');
  const { cards } = usePage(RUNNING);
  const titleOf = useTitle();
  const room = useRoomName();
  const [finished, setFinished] = useState<string>();

  useFinished((card) => {
    const { id, status, result } = card;
    const name = titleOf(card);
    announce(t(`finished.${status}`, { name }));
    if (!document.hidden || status === 'CANCELED') return;
    setFinished(`${SIGNS[status]} ${name.length > MAX_TITLE ? `${name.slice(0, MAX_TITLE)} …` : name}`);
    if (!isNotifying()) return;
    const icon = result?.images[0]?.thumbnailUrl;
    notify(t(`notification.${status}`), { body: name, tag: id, ...(icon && { icon: absolute(icon) }) }, () => {
      window.focus();
      navigate(`/history/${id}`);
    });
  });

  useEffect(() => {
    const forget = () => !document.hidden && setFinished(undefined);
    document.addEventListener('visibilitychange', forget);
    return () => document.removeEventListener('visibilitychange', forget);
  }, []);

  const shown = useRef(room.name);
  useEffect(() => {
    if (shown.current !== room.name) announce(room.name);
    shown.current = room.name;
  }, [room.name]);

  const fractions = cards.flatMap(({ progress }) => (progress ? [progress.fraction] : []));
  const fraction = fractions.reduce((sum, each) => sum + each, 0) / fractions.length;
  const percent = formatPercent(fraction, i18n.language);
  const running =
    fractions.length === 0 ? undefined : `${percent}${fractions.length > 1 ? ` (${fractions.length})` : ''}`;
  const title = [finished ?? running, !room.isFirst && room.name, NAME].filter(Boolean).join(' · ');
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(
    () => () => {
      document.title = NAME;
    },
    [],
  );
  return null;
}
