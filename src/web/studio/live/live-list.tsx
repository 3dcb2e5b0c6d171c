/** The newest generations, live: what runs, what waits, then what has ended last. */
import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useHidden } from '../generation/acts/use-delete';
import type { Card } from '../generation/fragments';
import { useFreshWaits } from '../generation/use-fresh-waits';
import { Bell } from './background/bell';
import { CanceledRow } from './card/canceled-row';
import { type CardMenu, DeletedCard, LiveCard, SendingCard } from './card/live-card';
import { useUnderWay } from './creations';
import { FirstUse } from './first-use';
import css from './live-list.module.css';
import { Notices } from './notices';
import { itemsOf } from './order/items';
import { type Place, useSteady } from './order/use-steady';
import { ENDED, NEWEST, NEXT, RUNNING, usePage } from './pages';

/** Fewer are canceled one by one. */
const MANY = 3;

const CancelAll = lazy(() => import('./cancel-all').catch(() => ({ default: () => <></> })));

/** @param Menu what a room can do with what has ended */
export function LiveList({ Menu }: { Menu: CardMenu }) {
  const { t } = useTranslation('live');
  const next = usePage(NEXT);
  const newest = usePage(NEWEST);
  const running = usePage(RUNNING);
  const ended = usePage(ENDED);
  const underWay = useUnderWay();
  const hidden = useHidden();
  const unfinished = useMemo(
    () => [...new Map([...running.cards, ...next.cards, ...newest.cards].map((card) => [card.id, card])).values()],
    [running.cards, next.cards, newest.cards],
  );
  const isGapped = newest.hasMore && timeOf(next.cards.at(-1)) < timeOf(newest.cards.at(-1));
  useFreshWaits(unfinished);
  const items = useMemo(
    () => itemsOf([...unfinished, ...ended.cards], underWay, hidden),
    [unfinished, ended.cards, underWay, hidden],
  );
  const { places, listeners } = useSteady(items);
  const lists = [next, newest, running, ended];
  const isKnown = lists.every((list) => list.isKnown);
  const isEmpty = items.every(({ isHidden }) => isHidden);

  return (
    <section className={css.room} aria-labelledby="live-title">
      <div className={css.head}>
        <h2 id="live-title" tabIndex={-1}>
          {t('title')}
        </h2>
        {unfinished.length >= MANY && (
          <Suspense>
            <div className={css.cancelAll}>
              <CancelAll />
            </div>
          </Suspense>
        )}
        <Bell />
        <Link className={css.all} to="/history">
          {t('all')}
        </Link>
      </div>
      <Notices />
      {lists.some((list) => list.hasFailed) && (
        <p className={css.problem} role="alert">
          {t('unreadable')}
        </p>
      )}
      {isGapped && <p className={css.more}>{t('more', { count: NEXT.first })}</p>}
      {isEmpty && isKnown && <FirstUse />}
      <ul className={css.cards} aria-busy={!isKnown} {...(isKnown && listeners)}>
        {isEmpty && !isKnown && SKELETONS.map((key) => <li key={key} className={css.skeleton} aria-hidden />)}
        {!isEmpty && places.map((each) => <PlacedCard key={each.item.key} place={each} Menu={Menu} />)}
      </ul>
    </section>
  );
}

const timeOf = (card: Card | undefined): string => card?.createdAt ?? '';

const SKELETONS = ['first', 'second', 'third'];

function PlacedCard({ place: { item, isFolded }, Menu }: { place: Place; Menu: CardMenu }) {
  if (!item.card) return <SendingCard creation={item.creation} />;
  if (item.isHidden) return <DeletedCard isRow={isFolded} />;
  return isFolded ? <CanceledRow card={item.card} /> : <LiveCard card={item.card} Menu={Menu} />;
}
