/** Subscriptions to generations. */
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import { decodeChangeCursor } from '../live/change-cursor.js';
import { findResumePoint } from '../live/changes.js';
import type { Snapshot } from '../live/updates.js';
import { type Change, watchGeneration, watchUser } from '../live/watch.js';
import { requireOwnGeneration } from '../ownership.js';
import { GenerationChange } from './types.js';

/** The arguments of a custom `subscribe` are not coerced. */
type SubscribeOptions<Args> = { args: Args; context: GenerationsContext };

@Resolver()
export class GenerationSubscriptions {
  @Subscription(() => Generation, {
    description:
      'The generation now, then after each change. Completes after a final status, or without one when the generation is deleted.',
    subscribe: async ({
      args: { id },
      context,
    }: SubscribeOptions<{ id: string }>): Promise<AsyncIterableIterator<Snapshot>> => {
      // Not the client's id: that may be in capitals.
      const generation = await requireOwnGeneration(context.em, requireViewer(context), id);
      return watchGeneration(context.updates, generation.id);
    },
  })
  generationUpdated(
    @Arg('id', () => ID, { description: "The generation's id." }) _id: string,
    @Root() snapshot: Snapshot,
    @Ctx() _context: GenerationsContext,
  ): Snapshot {
    return snapshot;
  }

  @Subscription(() => GenerationChange, {
    description:
      "Changes of the viewer's generations, progress included (at most twice a second for each). Without `after`: from now on. With the cursor of an earlier change: first the newest state of each generation that changed since, deletions of the last 24 hours included, then live. A change may arrive twice; the higher `revision` is the newer.",
    subscribe: ({ args: { after }, context }: SubscribeOptions<{ after?: string | null }>) => {
      const { id } = requireViewer(context);
      if (after == null) return watchUser(context.updates, id);
      const cursor = decodeChangeCursor(after);
      return findResumePoint(context.em, id, cursor).then((point) => watchUser(context.updates, id, point));
    },
  })
  generationsUpdated(
    @Arg('after', () => String, { nullable: true, description: 'The `cursor` of the last received change.' })
    _after: string | null,
    @Root() { kind, snapshot, cursor }: Change,
  ): Omit<GenerationChange, 'generation'> & { generation: Snapshot | null } {
    return { kind, cursor, generationId: snapshot?.id ?? null, generation: kind === 'DELETED' ? null : snapshot };
  }
}
