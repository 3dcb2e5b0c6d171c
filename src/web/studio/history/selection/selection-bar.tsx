/** What can be done with the selected generations, in place of the filters. */
import { Ban, Columns2, Download, Heart, HeartOff, type LucideIcon, SquareCheckBig, Trash2, X } from 'lucide-react';
import { useEffect, useEffectEvent, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useCancelAll } from '../../generation/acts/use-cancel-all';
import { useDelete } from '../../generation/acts/use-delete';
import { useFavorite } from '../../generation/acts/use-favorite';
import type { Card } from '../../generation/fragments';
import { useTitle } from '../../generation/use-title';
import { announce } from '../../ui/attention/announce';
import { IconButton } from '../../ui/button';
import { useDownload } from '../download';
import { isElsewhere } from '../gallery/use-grid-keys';
import css from './selection-bar.module.css';
import type { Selection } from './use-selection';

type BarProps = {
  selection: Selection;
  items: readonly Card[];
  /** Whether the viewer is over the gallery. */
  isCovered: boolean;
  onCompare(one: string, other: string): void;
};
type Action = { key: string; icon: LucideIcon; label: string; isOff: boolean; run(): void };

const ENDED: readonly string[] = ['COMPLETED', 'FAILED', 'CANCELED'];

/** In one pass: thousands may be selected. */
function summaryOf(cards: readonly Card[]) {
  const [ids, running, complete]: [string[], string[], string[]] = [[], [], []];
  let isFavorite = cards.length > 0;
  for (const card of cards) {
    ids.push(card.id);
    if (!ENDED.includes(card.status)) running.push(card.id);
    if (card.result !== null) complete.push(card.id);
    isFavorite &&= card.isFavorite;
  }
  return { ids, running, complete, isFavorite };
}

export function SelectionBar({ selection, items, isCovered, onCompare }: BarProps) {
  const { t } = useTranslation('history');
  const remove = useDelete();
  const titleOf = useTitle();
  const favorite = useFavorite();
  const cancelAll = useCancelAll();
  const download = useDownload();
  const { cards, clear } = selection;
  const { ids, running, complete, isFavorite } = useMemo(() => summaryOf(cards), [cards]);
  const [one, other] = complete;

  const selected = t('select.count', { count: ids.length });
  useEffect(() => announce(selected), [selected]);

  const actions: Action[] = [
    {
      key: 'f',
      icon: isFavorite ? HeartOff : Heart,
      label: isFavorite ? t('select.unfavorite') : t('select.favorite'),
      isOff: ids.length === 0,
      run() {
        for (const card of cards) if (card.isFavorite === isFavorite) void favorite(card.id, !isFavorite);
      },
    },
    {
      key: 'd',
      icon: Download,
      label: t('select.download'),
      isOff: complete.length === 0,
      run: () => void download(complete),
    },
    {
      key: 'c',
      icon: Columns2,
      label: t('select.compare'),
      isOff: cards.length !== 2 || complete.length !== 2,
      run: () => one && other && onCompare(one, other),
    },
    {
      key: 'x',
      icon: Ban,
      label: t('select.cancel'),
      isOff: running.length === 0,
      run: () => void cancelAll(running),
    },
    {
      key: 'Delete',
      icon: Trash2,
      label: t('select.delete'),
      isOff: ids.length === 0,
      run() {
        remove(ids, cards[0] && titleOf(cards[0]));
        clear();
      },
    },
  ];

  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (isCovered || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isElsewhere(event.target)) return;
    const action = actions.find(({ key }) => key === event.key);
    if (!action || action.isOff) return;
    event.preventDefault();
    action.run();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);

  return (
    <div className={css.bar} role="toolbar" aria-label={t('select.label')}>
      <IconButton icon={X} label={t('select.end')} aria-keyshortcuts="Escape" onClick={clear} />
      <p className={css.count}>{selected}</p>
      <IconButton
        icon={SquareCheckBig}
        label={t('select.all')}
        aria-keyshortcuts="Control+A"
        onClick={() => selection.set(items.map(({ id }) => id))}
      />
      <span className={css.space} />
      {actions.map(({ key, icon, label, isOff, run }) => (
        <IconButton
          key={key}
          icon={icon}
          label={label}
          look={key === 'Delete' ? 'danger' : 'quiet'}
          aria-keyshortcuts={key}
          disabled={isOff}
          onClick={run}
        />
      ))}
    </div>
  );
}
