/** How late the deliveries are, for metrics. */

/**
 * SQL: for how many seconds the most overdue delivery has been due; null if none is due. It reads one row for each receiver, however many
 * wait for it.
 */
export const LATENESS = `(
  with recursive pending as (
    (select target from deliveries where state = 'PENDING' order by target limit 1)
    union all
    select (select target from deliveries where state = 'PENDING' and target > p.target order by target limit 1)
    from pending p where p.target is not null)
  select extract(epoch from now() - min(first.next_attempt_at))::float8
  from pending p
  cross join lateral (
    select next_attempt_at, user_id from deliveries d where d.target = p.target and state = 'PENDING' order by next_attempt_at, seq limit 1) first
  join users u on u.id = first.user_id and u.disabled_at is null
  left join webhooks w on w.id = p.target
  where first.next_attempt_at < now() and w.disabled_at is null)`;
