/** Mutations of many generations. */
import { Arg, Ctx, Field, ID, Mutation, ObjectType, Resolver } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import { cancelGenerations, deleteGenerations, type Outcome } from './bulk.js';

@ObjectType({ description: 'Why a mutation of many generations left one of them as it is.' })
class OutcomeError {
  @Field(() => String, { description: 'A code of `errors[].extensions.code`: NOT_FOUND or FORBIDDEN.' })
  code!: string;

  @Field(() => String, { description: 'The same in words.' })
  message!: string;
}

@ObjectType({ description: 'What became of one of the ids of a mutation.' })
class GenerationOutcome {
  @Field(() => ID, { description: 'The id as it was given.' })
  generationId!: string;

  @Field(() => Generation, {
    nullable: true,
    description: 'The generation now; null if it is deleted, and with an error.',
  })
  generation!: Generation | null;

  @Field(() => OutcomeError, { nullable: true, description: 'Null if the mutation did its work for this id.' })
  error!: OutcomeError | null;
}

const IDS = 'Up to 100 ids. More are BAD_USER_INPUT.';
const OUTCOMES =
  'Returns an outcome for each id, in their order: an unknown id or that of another user does not stop the others.';

@Resolver()
export class BulkResolver {
  @Mutation(() => [GenerationOutcome], {
    nullable: true,
    description: `Requests that the generations stop. Final ones stay as they are. ${OUTCOMES}`,
  })
  async cancelGenerations(
    @Arg('ids', () => [ID], { description: IDS }) ids: string[],
    @Ctx() context: GenerationsContext,
  ): Promise<Outcome[]> {
    return await cancelGenerations(requireViewer(context), ids, context);
  }

  @Mutation(() => [GenerationOutcome], {
    nullable: true,
    description: `Deletes the generations with their results and files, and stops those that run. ${OUTCOMES}`,
  })
  async deleteGenerations(
    @Arg('ids', () => [ID], { description: IDS }) ids: string[],
    @Ctx() context: GenerationsContext,
  ): Promise<Outcome[]> {
    return await deleteGenerations(requireViewer(context), ids, context);
  }
}
