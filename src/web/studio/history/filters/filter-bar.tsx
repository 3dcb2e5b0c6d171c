/** Narrows the gallery down: words, favourites, order, and the rest in a panel. */
import { Heart, SquareCheckBig, X } from 'lucide-react';
import { memo, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, buttonClass, IconButton } from '../../ui/button';
import { formatTime } from '../../ui/formats';
import { SearchField } from '../../ui/forms/search-field';
import { FIELDS, type Filter, NO_FILTER, showFiltered } from './filter';
import css from './filter-bar.module.css';
import { FilterPanel } from './filter-panel';

const TYPING_MS = 300;
/** They have controls of their own in the bar. */
const OWN = ['search', 'favorites'];

type FilterBarProps = {
  filter: Filter;
  /** How many generations it finds, in words; empty until that is known. */
  found: string;
  onSelect(): void;
};

export const FilterBar = memo(function FilterBar({ filter, found, onSelect }: FilterBarProps) {
  const { t, i18n } = useTranslation('history');
  const change = (part: Partial<Filter>) => showFiltered({ ...filter, ...part });
  const chips = FIELDS.filter((field) => filter[field] && !OWN.includes(field));
  function textOf(field: keyof Filter): string {
    if (field === 'status' && filter.status) return t(`filter.statuses.${filter.status}`);
    if (field === 'kind' && filter.kind) return t(`filter.kinds.${filter.kind}`);
    if (field === 'order') return t('filter.oldest');
    if (field === 'from' || field === 'to') return formatTime(`${filter[field]}T00:00`, i18n.language, 'day');
    return filter[field];
  }
  return (
    <search className={css.search} aria-label={t('filter.label')}>
      <div className={css.bar}>
        <Words value={filter.search} onChange={(search) => change({ search })} />
        <button
          type="button"
          className={buttonClass('plain', css.toggle)}
          aria-pressed={filter.favorites !== ''}
          title={t('filter.favorites')}
          aria-label={t('filter.favorites')}
          onClick={() => change({ favorites: filter.favorites ? '' : '1' })}
        >
          <Heart aria-hidden size={18} fill={filter.favorites ? 'currentColor' : 'none'} />
        </button>
        <FilterPanel filter={filter} count={chips.length} shows={t('filter.show', { found })} onChange={change} />
        <IconButton icon={SquareCheckBig} label={t('select.begin')} onClick={onSelect} />
      </div>
      {chips.length > 0 && (
        <ul className={css.chips} aria-label={t('filter.active')}>
          {chips.map((field) => (
            <li key={field}>
              <button
                type="button"
                className={css.chip}
                aria-label={t('filter.remove', { text: `${t(`filter.${field}`)}: ${textOf(field)}` })}
                onClick={() => change({ [field]: '' })}
              >
                <span>{t(`filter.${field}`)}:</span> {textOf(field)}
                <X aria-hidden size={16} />
              </button>
            </li>
          ))}
          <li>
            <Button look="quiet" onClick={() => showFiltered(NO_FILTER)}>
              {t('filter.clear')}
            </Button>
          </li>
        </ul>
      )}
    </search>
  );
});

function Words({ value, onChange }: { value: string; onChange(value: string): void }) {
  const { t } = useTranslation('history');
  const [text, setText] = useState(value);
  const sent = useRef(value);
  // Somebody else has changed it: a link, or "clear filters".
  if (value !== sent.current) {
    sent.current = value;
    setText(value);
  }
  const send = useEffectEvent(() => {
    sent.current = text;
    onChange(text);
  });
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => send(), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text, value]);
  return (
    <SearchField className={css.words} label={t('filter.words')} value={text} maxLength={200} onChange={setText} />
  );
}
