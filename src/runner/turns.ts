/** The users' turns, one row for each user. A trigger on `generations` counts the waiting ones in it. */
declare module '../db/query.js' {
  interface Tables {
    turns: { user_id: string; waiting: number; at: Timestamp };
  }
}

/**
 * SQL that locks the turns of users until the transaction ends, so that generations of one user are created one at a time, and returns
 * `user_id` and `waiting`, how many of the user's generations wait. Every transaction locks generations first, then turns.
 * @param users names a query with the column `id`, in the order in which to lock
 */
export const lockTurns = (users: string): string =>
  `insert into turns (user_id, waiting, at) select id, 0, now() - interval '1 year' from ${users}
   on conflict (user_id) do update set waiting = turns.waiting returning user_id, waiting`;

/** SQL: how many generations of all users wait. */
export const ALL_WAITING = '(select coalesce(sum(waiting), 0)::int from turns where waiting > 0)';
