/** Queries and mutations of generations. Subscriptions are in `subscriptions.ts`. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Args, ArgsType, Ctx, Field, ID, Info, Int, Mutation, Query, Resolver } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import { toPage } from '../../graphql/pagination.js';
import { Seed } from '../../graphql/scalars.js';
import { cancelGeneration } from '../cancel.js';
import type { GenerationsContext } from '../context.js';
import { createGeneration } from '../create/create.js';
import { CreateGenerationInput } from '../create/create-input.js';
import { defaultsOf, GenerationDefaults } from '../create/defaults.js';
import { retryGeneration } from '../create/retry.js';
import { deleteGeneration } from '../delete.js';
import { favoriteGeneration } from '../favorite.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { type GenerationPage, listGenerations } from './list.js';
import { GenerationFilter, GenerationOrder } from './list-inputs.js';
import { partsOf } from './parts.js';
import type { Listing } from './positions.js';
import { GenerationConnection } from './types.js';

@ArgsType()
class GenerationsArgs {
  @Field(() => Int, { nullable: true, description: 'How many from the start, or after the cursor `after`: 1 to 100.' })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only generations after this cursor.' })
  after?: string | null;

  @Field(() => Int, { nullable: true, description: 'How many from the end, or before the cursor `before`: 1 to 100.' })
  last?: number | null;

  @Field(() => String, { nullable: true, description: 'Only generations before this cursor.' })
  before?: string | null;

  @Field(() => GenerationFilter, { nullable: true, description: 'Which generations to list.' })
  filter?: GenerationFilter | null;

  @Field(() => GenerationOrder, { nullable: true, description: 'The order; newest first when left out.' })
  orderBy?: GenerationOrder | null;
}

/** A page with its listing, from which `totalCount` is counted on request. */
export type ListedPage = GenerationPage & { listing: Listing };

@Resolver()
export class GenerationsResolver {
  @Query(() => Generation, {
    nullable: true,
    description:
      "One of the viewer's generations. NOT_FOUND for an unknown or malformed id, FORBIDDEN for another user's generation.",
  })
  async generation(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Ctx() context: GenerationsContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<GenerationRow> {
    return await requireOwnGeneration(context.reads, requireViewer(context), id, partsOf(info, ''));
  }

  @Query(() => GenerationConnection, {
    nullable: true,
    description:
      "The viewer's generations, newest first. Pass `first` or `last`, 1 to 100, not both; 20 when neither is given; null counts as absent. `last` keeps the order. A cursor carries its order: with another orderBy, or malformed, it is BAD_USER_INPUT; filters may change. Under COMPLETED_AT unfinished generations come first in DESC and last in ASC. totalCount counts the generations that match the filter, and costs nothing unless it is selected; with `search` it stops at 1,000.",
  })
  async generations(
    @Args(() => GenerationsArgs) args: GenerationsArgs,
    @Ctx() context: GenerationsContext,
    @Info() info: GraphQLResolveInfo,
  ): Promise<ListedPage> {
    const listing: Listing = {
      userId: requireViewer(context).id,
      page: toPage(args),
      filter: args.filter ?? {},
      order: args.orderBy ?? new GenerationOrder(),
    };
    return { ...(await listGenerations(context.reads, listing, partsOf(info, 'nodes.', 'edges.node.'))), listing };
  }

  @Query(() => GenerationDefaults, {
    nullable: true,
    description:
      'What `createGeneration` would take now for this workflow where its input says nothing, for a form to show. NOT_FOUND for a workflow that the viewer may not use.',
  })
  async generationDefaults(
    @Arg('workflow', () => String, { description: "The workflow's name." }) workflow: string,
    @Arg('model', () => String, { nullable: true, description: 'The name of the model, if one is given.' })
    model: string | null | undefined,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationDefaults> {
    return await defaultsOf(requireViewer(context), workflow, model ?? undefined, context);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description: 'Queues a generation and returns at once; watch it with `generationUpdated`.',
  })
  async createGeneration(
    @Arg('input', () => CreateGenerationInput, { description: 'The image to make.' }) input: CreateGenerationInput,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await createGeneration(requireViewer(context), input, context);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description: 'Requests that the generation stops. Returns a final generation unchanged.',
  })
  async cancelGeneration(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await cancelGeneration(requireViewer(context), id, context);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description:
      'Creates a generation with the input of a final one (else CONFLICT), and with its seed unless another is given. The input is validated again, and all limits apply.',
  })
  async retryGeneration(
    @Arg('id', () => ID, { description: 'The id of the generation to retry.' }) id: string,
    @Arg('seed', () => Seed, { nullable: true, description: 'The original seed when left out.' })
    seed: string | null | undefined,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await retryGeneration(requireViewer(context), id, seed ?? undefined, context);
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      'Stops the generation if it runs, and deletes it with its result and files. Returns its id; NOT_FOUND the second time.',
  })
  async deleteGeneration(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Ctx() context: GenerationsContext,
  ): Promise<string> {
    return await deleteGeneration(requireViewer(context), id, context);
  }

  @Mutation(() => Generation, {
    nullable: true,
    description: 'Marks the generation as a favorite, or as none.',
  })
  async favoriteGeneration(
    @Arg('id', () => ID, { description: "The generation's id." }) id: string,
    @Arg('isFavorite', () => Boolean, { description: 'Whether it becomes a favorite.' }) isFavorite: boolean,
    @Ctx() context: GenerationsContext,
  ): Promise<GenerationRow> {
    return await favoriteGeneration(requireViewer(context), id, isFavorite, context);
  }
}
