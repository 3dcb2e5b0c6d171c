/** Which users' generations wait and run, for admins: counts and times, never what the generations are. */
import { Ctx, Field, Int, ObjectType, Query, Resolver } from 'type-graphql';
import type { ViewerContext } from '../accounts/context.js';
import { User } from '../accounts/user.js';
import { type UserRow, userAsJson } from '../accounts/user-rows.js';
import { requireAdmin } from '../accounts/viewer.js';
import type { SqlRunner } from '../db/reads.js';
import { byTurn } from './queue-order.js';

/** How many users are listed. */
const MAX_ENTRIES = 100;

@ObjectType({ description: 'A user whose generations wait or run.' })
class QueueEntry {
  @Field(() => User, { description: 'The user.' })
  user!: UserRow;

  @Field(() => Int, {
    description: 'How many generations wait for a ComfyUI, also those that wait for another attempt.',
  })
  waiting!: number;

  @Field(() => Int, {
    description: 'How many generations a ComfyUI has: it executes them, or has them in its own queue.',
  })
  running!: number;

  @Field(() => Date, {
    nullable: true,
    description: 'When the oldest waiting generation was created; null if none waits.',
  })
  waitingSince!: string | null;
}

/**
 * SQL: when the oldest waiting generation of a user was created; null if none waits. It skips from priority to priority along the index: the
 * cost does not depend on the number of generations.
 */
const waitingSince = (userId: string): string => {
  const oldest = (more: string) =>
    `select g.rank, g.created_at from generations g where g.waiting and g.user_id = ${userId} ${more} order by g.rank, g.created_at limit 1`;
  return `(
    with recursive oldest as (
      (${oldest('')}) union all select n.* from oldest o cross join lateral (${oldest('and g.rank > o.rank')}) n)
    select min(created_at)::text from oldest)`;
};

/** Users who wait for nothing have no turn: they are last. */
const READ = `
  with live as (
    select user_id, count(*)::int as running from prompts where ended_at is null and abandoned_at is null group by user_id),
  listed as (
    (select user_id from turns t where waiting > 0 order by ${byTurn('t')} limit ${MAX_ENTRIES})
    union select user_id from live)
  select ${userAsJson('t.user_id')} as user, t.waiting, coalesce(live.running, 0) as running, ${waitingSince('t.user_id')} as "waitingSince"
  from listed join turns t using (user_id) join users u on u.id = t.user_id left join live using (user_id)
  where u.deleted_at is null
  order by t.waiting = 0, ${byTurn('t')} limit ${MAX_ENTRIES}`;

export const readQueue = (sql: SqlRunner): Promise<QueueEntry[]> => sql.execute<QueueEntry[]>(READ);

@Resolver(() => QueueEntry)
export class QueueResolver {
  @Query(() => [QueueEntry], {
    nullable: true,
    description: `For admins: the users whose generations wait or run, in the order of their turns; those with nothing waiting are last. The first ${MAX_ENTRIES}. FORBIDDEN for other users.`,
    complexity: 1_000,
  })
  queue(@Ctx() context: ViewerContext): Promise<QueueEntry[]> {
    requireAdmin(context);
    return readQueue(context.reads);
  }
}
