/** One generation in the gallery: opens it, and selects it. */
import { Heart } from 'lucide-react';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { absolute } from '../../api/address';
import type { Card } from '../../generation/fragments';
import { Frame } from '../../generation/picture/frame';
import { Thumb } from '../../generation/picture/thumb';
import { labelOf } from './label';
import { useLongPress } from './long-press';
import css from './tile.module.css';

export type TileActions = {
  /** Opens it, or selects it while others are selected. */
  press(id: string, hasShift: boolean, hasCtrl: boolean): void;
  select(id: string, hasShift: boolean): void;
  focus(id: string): void;
  favorite(id: string, isFavorite: boolean): void;
};

type TileProps = {
  card: Card;
  /** What it is called. */
  words: string;
  href: string;
  /** As `sizes` of an `img`. */
  sizes: string;
  isSelected: boolean;
  /** Whether the tab key reaches it: it does for one tile of the gallery. */
  isCurrent: boolean;
  position: number;
  /** The column of the first tile, counted from 1. */
  column: number | undefined;
  actions: TileActions;
};

/** Whether the thumb has a number or a length in its corner. */
const hasBadge = ({ result }: Card): boolean => (result?.files.length ?? 0) > 0 || (result?.images.length ?? 0) > 1;

export const Tile = memo(function Tile({
  card,
  words,
  href,
  sizes,
  isSelected,
  isCurrent,
  position,
  column,
  actions,
}: TileProps) {
  const { t, i18n } = useTranslation(['history', 'generation']);
  const { id, status, progress, isFavorite } = card;
  const longPress = useLongPress(() => actions.select(id, false));
  const label = labelOf(card, words, t, i18n.language);
  const tabIndex = isCurrent ? 0 : -1;
  return (
    <li
      className={css.tile}
      data-selected={isSelected || undefined}
      data-dim={status === 'FAILED' || status === 'CANCELED' || undefined}
      aria-setsize={-1}
      aria-posinset={position}
      style={column ? { gridColumnStart: column } : undefined}
    >
      <a
        {...longPress}
        className={css.link}
        href={href}
        aria-label={label}
        data-id={id}
        tabIndex={tabIndex}
        onFocus={() => actions.focus(id)}
        onClick={(event) => {
          if (event.button !== 0 || event.altKey) return;
          event.preventDefault();
          actions.press(id, event.shiftKey, event.ctrlKey || event.metaKey);
        }}
      >
        {progress?.previewUrl ? (
          <Frame className={css.preview} url={absolute(progress.previewUrl)}>
            <Thumb card={card} title={words} sizes={sizes} hasCaption />
          </Frame>
        ) : (
          <Thumb card={card} title={words} sizes={sizes} hasCaption />
        )}
        {(card.result || progress?.previewUrl) && (
          <span className={css.words} aria-hidden data-beside={hasBadge(card) || undefined}>
            {words}
          </span>
        )}
        {progress && (
          <span className={css.progress}>
            <span style={{ transform: `scaleX(${progress.fraction})` }} />
          </span>
        )}
      </a>
      <label className={css.check}>
        <input
          type="checkbox"
          checked={isSelected}
          tabIndex={tabIndex}
          aria-label={t('select.one', { label })}
          onChange={() => {}}
          onClick={(event) => actions.select(id, event.shiftKey)}
        />
      </label>
      <button
        type="button"
        className={css.heart}
        tabIndex={tabIndex}
        aria-pressed={isFavorite}
        aria-label={t('favoriteOne', { label })}
        onClick={() => actions.favorite(id, !isFavorite)}
      >
        <Heart aria-hidden size={16} fill={isFavorite ? 'currentColor' : 'none'} />
      </button>
    </li>
  );
});
