/** Generations in the API: asking for one, trying again, looking it up, listing, stopping, deleting. Watching is in `subscriptions.ts`. */
import { Arg, Args, ArgsType, Ctx, Field, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import { requireViewer, type Viewer } from '../../accounts/viewer.js';
import { notFound } from '../../graphql/errors.js';
import { toPage } from '../../graphql/pagination.js';
import { Seed } from '../../graphql/scalars.js';
import type { GenerationsContext } from '../context.js';
import { createGeneration } from '../create/create.js';
import { CreateGenerationInput } from '../create/create-input.js';
import type { Queued } from '../create/enqueue.js';
import { retryGeneration } from '../create/retry.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { isFinal } from '../status.js';
import * as transitions from '../transitions.js';
import { type GenerationPage, type Listing, listGenerations } from './list.js';
import { GenerationFilter, GenerationOrder } from './list-inputs.js';
import { GenerationConnection } from './types.js';

@ArgsType()
class GenerationsArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start, or behind `after`: 1 to 100.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes behind this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many from the end, or before `before`: 1 to 100.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only what comes before this cursor.' })
  before?: string | null;

  @Field(() => GenerationFilter, { nullable: true, description: 'Which to list.' })
  filter?: GenerationFilter | null;

  @Field(() => GenerationOrder, { nullable: true, description: 'In which order; the newest first when left out.' })
  orderBy?: GenerationOrder | null;
}

/** A page together with what was asked for, so that its total can be counted when somebody wants to know. */
export type ListedPage = GenerationPage & { listing: Listing };

@Resolver()
export class GenerationsResolver {
  @Query(() => Generation, {
    nullable: true,
    description:
      "One of the viewer's generations. NOT_FOUND where there is none (a malformed id included), FORBIDDEN where it is another's.",
  })
  async generation(
    @Arg('id', () => ID, { description: 'Of the generation.' }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await requireOwnGeneration(context.em, requireViewer(context), id);
  }

  @Query(() => GenerationConnection, {
    nullable: true,
    description:
      "The viewer's generations, newest first. `first` or `last`, 1 to 100, not both; 20 when neither is given; null is absent. `last` keeps the order. A cursor carries its order: with another orderBy, or malformed, it is BAD_USER_INPUT; filters may change. Under COMPLETED_AT the unfinished come first in DESC and last in ASC. totalCount counts what the filter leaves, and costs nothing unless asked for.",
  })
  async generations(
    @Args(() => GenerationsArgs) args: GenerationsArgs,
    @Ctx() context: GenerationsContext,
  ): Promise<ListedPage> {
    const listing: Listing = {
      userId: requireViewer(context).id,
      page: toPage(args),
      filter: args.filter ?? {},
      order: args.orderBy ?? new GenerationOrder(),
    };
    return { ...(await listGenerations(context.em, listing)), listing };
  }

  @Mutation(() => Generation, {
    nullable: true,
    description: 'Saves it and answers at once; watch it with `generationUpdated`.',
  })
  async createGeneration(
    @Arg('input', () => CreateGenerationInput, { description: 'What picture to make.' }) input: CreateGenerationInput,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    const viewer = requireViewer(context);
    await context.rateLimits.take('creation', viewer.id);
    const queued = await createGeneration(viewer, input, context);
    return await announce(queued, viewer, context);
  }

  @Mutation(() => Generation, { nullable: true, description: 'Asks it to stop. Answers a final generation unchanged.' })
  async cancelGeneration(
    @Arg('id', () => ID, { description: 'Of the generation.' }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    const viewer = requireViewer(context);
    const generation = await requireOwnGeneration(context.em, viewer, id);
    if (isFinal(generation.status)) return generation;
    await transitions.requestCancel(context.em, generation.id);
    context.runner.stop(generation.id);
    context.updates.publish(generation);
    return await requireOwnGeneration(context.em, viewer, generation.id);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description:
      'A new generation with the input of a final one (else CONFLICT); with the same seed unless another is given. It is judged anew, and counts like any other.',
  })
  async retryGeneration(
    @Arg('id', () => ID, { description: 'Of the generation to try again.' }) id: string,
    @Arg('seed', () => Seed, { nullable: true, description: 'The one that was used, when left out.' })
    seed: string | null | undefined,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    const viewer = requireViewer(context);
    await context.rateLimits.take('creation', viewer.id);
    const queued = await retryGeneration(viewer, id, seed ?? undefined, context);
    return await announce(queued, viewer, context);
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      'Stops it if it runs, and removes it with its result and files. Answers with the id that is gone; NOT_FOUND the second time.',
  })
  async deleteGeneration(
    @Arg('id', () => ID, { description: 'Of the generation.' }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<string> {
    const generation = await requireOwnGeneration(context.em, requireViewer(context), id);
    // Somebody else with the same wish may have been faster.
    if (!(await transitions.markDeleted(context.em, generation.id))) throw notFound('generation');
    context.runner.stop(generation.id);
    context.updates.publish(generation);
    if (await context.cleaner.clear(generation.id)) context.history.clear();
    return generation.id;
  }
}

/** Tells whoever watches and whoever works that there is one more. */
async function announce({ id, isNew }: Queued, viewer: Viewer, context: GenerationsContext): Promise<GenerationRow> {
  if (isNew) {
    context.updates.publish({ id, userId: viewer.id }, true);
    context.runner.announce();
  }
  return await requireOwnGeneration(context.em, viewer, id);
}
