/** The newest generations, live: the unfinished ones, then those that ended last. */
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { useHidden } from '../generation/acts/use-delete';
import type { Card } from '../generation/fragments';
import { Bell } from './background/bell';
import { LiveCard, SendingCard } from './card/live-card';
import { type Creation, useUnderWay } from './creations';
import { FirstUse } from './first-use';
import css from './live-list.module.css';
import { Notices } from './notices';
import { ENDED, RUNNING, usePage, WAITING } from './pages';

export function LiveList() {
  const { t } = useTranslation('live');
  const waiting = usePage(WAITING);
  const running = usePage(RUNNING);
  const ended = usePage(ENDED);
  const underWay = useUnderWay();
  const hidden = useHidden();
  const cards = useMemo(
    () => inOrder([...waiting.cards, ...running.cards], ended.cards).filter(({ id }) => !hidden.has(id)),
    [waiting.cards, running.cards, ended.cards, hidden],
  );
  const sending = useMemo(() => withoutCreated(underWay, cards), [underWay, cards]);
  const lists = [waiting, running, ended];
  const isKnown = lists.every((list) => list.isKnown);
  const isEmpty = cards.length === 0 && sending.length === 0;

  return (
    <section className={css.room} aria-labelledby="live-title">
      <div className={css.head}>
        <h2 id="live-title" tabIndex={-1}>
          {t('title')}
        </h2>
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
      {waiting.hasMore && <p className={css.more}>{t('more', { count: WAITING.first })}</p>}
      {isEmpty && isKnown && <FirstUse />}
      <ul className={css.cards} aria-busy={!isKnown}>
        {isEmpty &&
          !isKnown &&
          lists.map((_, index) => <li key={SKELETONS[index]} className={css.skeleton} aria-hidden />)}
        {sending.map((creation) => (
          <SendingCard key={creation.key} creation={creation} />
        ))}
        {cards.map((card) => (
          <LiveCard key={card.idempotencyKey ?? card.id} card={card} />
        ))}
      </ul>
    </section>
  );
}

const SKELETONS = ['first', 'second', 'third'];

/** Unfinished ones newest first, so that a card stays where it is from its creation to its end. */
function inOrder(unfinished: Card[], ended: readonly Card[]): Card[] {
  const newestFirst = unfinished.sort((one, other) => other.createdAt.localeCompare(one.createdAt));
  // For a moment a generation may be in its old list as well.
  return [...new Map([...newestFirst, ...ended].map((card) => [card.id, card])).values()];
}

/** A generation can arrive before the response that ends its creation. */
function withoutCreated(underWay: readonly Creation[], cards: Card[]): Creation[] {
  const keys = new Set(cards.map((card) => card.idempotencyKey));
  return underWay.filter((creation) => !keys.has(creation.key));
}
