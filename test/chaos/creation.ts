/** What is known of one generation that was asked for: enough to say afterwards what may have become of it. */
import type { signUp } from '../support/client.js';
import type { Rarity } from './rarities.js';
import type { Watcher } from './watcher.js';

export type User = Awaited<ReturnType<typeof signUp>>;

export type Creation = {
  user: User;
  /** No other has the same: a generation is recognised by it, also where its id was never answered. */
  prompt: string;
  /** How many pictures were asked for. */
  images: number;
  /** Whether its backend is to raise an error. */
  fails: boolean;
  /** What it asks for that only some backends have. */
  rarity: Rarity | undefined;
  /** Once it was acknowledged. */
  id?: string;
  /** How often it was sent without an answer: so many may exist besides. */
  unanswered: number;
  /** Set before it is asked for: it may be done although no answer came. */
  cancelAsked: boolean;
  deleteAsked: boolean;
  /** It was acknowledged. */
  isDeleted: boolean;
  watcher?: Watcher;
};
