/** Watching generations live. */
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import { decodeChangeCursor } from '../live/change-cursor.js';
import { resume } from '../live/changes.js';
import type { LatestQueue } from '../live/latest-queue.js';
import type { Seen } from '../live/updates.js';
import { type Change, watchGeneration, watchUser } from '../live/watch.js';
import { requireOwnGeneration } from '../ownership.js';
import { GenerationChange } from './types.js';

/** Arguments of a custom `subscribe` arrive as the client sent them. */
type Subscribing<Args> = { args: Args; context: GenerationsContext };

@Resolver()
export class GenerationSubscriptions {
  @Subscription(() => Generation, {
    description:
      'The generation as it is now, then after each change; completes after a final state, or without one when it is deleted.',
    subscribe: async ({ args: { id }, context }: Subscribing<{ id: string }>): Promise<LatestQueue<string, Seen>> => {
      // Its id as PostgreSQL writes it: the client may have written it in capitals.
      const generation = await requireOwnGeneration(context.em, requireViewer(context), id);
      return watchGeneration(context.updates, generation.id);
    },
  })
  generationUpdated(
    @Arg('id', () => ID, { description: 'Of the generation.' }) _id: string,
    @Root() seen: Seen,
    @Ctx() _context: GenerationsContext,
  ): Seen {
    return seen;
  }

  @Subscription(() => GenerationChange, {
    description:
      "What happens to the viewer's generations, progress included (at most twice a second for each). Without `after`: from now on. With the cursor of an earlier change: first the newest state of everything that changed since, deletions of the last 24 hours included, then live. A change may be told twice; `revision` tells which is newer.",
    subscribe: ({ args: { after }, context }: Subscribing<{ after?: string | null }>) => {
      const { id } = requireViewer(context);
      if (after == null) return watchUser(context.updates, id);
      const cursor = decodeChangeCursor(after);
      return resume(context.em, id, cursor).then((resumed) => watchUser(context.updates, id, resumed));
    },
  })
  generationsUpdated(
    @Arg('after', () => String, { nullable: true, description: 'The `cursor` of the last change that was received.' })
    _after: string | null,
    @Root() { kind, seen, cursor }: Change,
  ): Omit<GenerationChange, 'generation'> & { generation: Seen | null } {
    return { kind, cursor, generationId: seen?.id ?? null, generation: kind === 'DELETED' ? null : seen };
  }
}
