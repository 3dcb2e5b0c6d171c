/** Watching generations live. */
import { Arg, Ctx, ID, Resolver, Root, Subscription } from 'type-graphql';
import { requireViewer } from '../accounts/viewer.js';
import type { Context } from '../graphql/context.js';
import { Generation } from './generation.js';
import type { LatestQueue } from './latest.js';
import { requireOwnGeneration } from './own.js';
import { GenerationChange } from './types.js';
import type { Seen } from './updates.js';
import { type Change, watchGeneration, watchUser } from './watch.js';

/** Arguments of a custom `subscribe` arrive as the client sent them. */
type Subscribing<Args> = { args: Args; context: Context };

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
    @Ctx() _context: Context,
  ): Seen {
    return seen;
  }

  @Subscription(() => GenerationChange, {
    description:
      "What happens to the viewer's generations from now on, progress included (at most twice a second for each).",
    subscribe: ({ context }: Subscribing<object>): LatestQueue<string, Change> =>
      watchUser(context.updates, requireViewer(context).id),
  })
  generationsUpdated(
    @Root() { kind, seen }: Change,
  ): Omit<GenerationChange, 'generation'> & { generation: Seen | null } {
    return { kind, id: seen.id, generation: kind === 'DELETED' ? null : seen };
  }
}
