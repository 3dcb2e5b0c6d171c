/** What a public link shows, for clients without an account; and the fields of the link for its owner. */
import { Arg, Ctx, Field, FieldResolver, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { notFound } from '../../graphql/errors.js';
import type { AssetsContext } from '../context.js';
import { Image } from '../image.js';
import { OutputFile } from '../output-file.js';
import { Text } from '../result.js';
import { Share } from './share.js';
import type { ShareRow } from './share-rows.js';
import { openShare, type Shared } from './shared.js';

const PROBLEMS =
  'Which files the link leaves out, as one sentence each: those whose metadata this server cannot remove, because it may contain the workflow.';

@ObjectType({
  description:
    "What a public link shows. Nothing else of the owner's is reachable from it. The URLs of its images and files end with the share, and return copies without metadata.",
})
class SharedGeneration {
  @Field(() => String, { description: 'The prompt. Empty if the workflow takes none.' })
  prompt!: string;

  @Field(() => String, { nullable: true, description: 'The name of the model, if there is one.' })
  modelName!: string | null;

  @Field(() => [Image], { description: 'The pictures, animated ones too, in the order of the outputs.' })
  images!: Image[];

  @Field(() => [OutputFile], { description: 'What is no picture, in the order of the outputs.' })
  files!: OutputFile[];

  @Field(() => [Text], { description: 'What nodes reported as text, in the order of the outputs.' })
  texts!: Text[];

  @Field(() => [String], { description: PROBLEMS })
  problems!: string[];

  @Field(() => Date, { description: 'When the generation was created.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the link expires; null if it does not.' })
  expiresAt!: Date | null;
}

@Resolver(() => Share)
export class SharesResolver {
  @FieldResolver(() => String, {
    description:
      'The root-relative address of the page of the share, /s/<token> (under the path of PUBLIC_URL, if set). It needs no account.',
  })
  url(@Root() { id }: ShareRow, @Ctx() { shareLinks }: AssetsContext): string {
    return shareLinks.urlOf(id);
  }

  @FieldResolver(() => String, { description: 'For `sharedGeneration`. Holding it is the permission.' })
  token(@Root() { id }: ShareRow, @Ctx() { shareLinks }: AssetsContext): string {
    return shareLinks.tokenOf(id);
  }

  @FieldResolver(() => [String], { description: PROBLEMS })
  async problems(@Root() { id }: ShareRow, @Ctx() context: AssetsContext): Promise<string[]> {
    return (await openShare(context.shareLinks.tokenOf(id), context))?.problems ?? [];
  }

  @Query(() => SharedGeneration, {
    nullable: true,
    description: 'Needs no account. NOT_FOUND for a token that is unknown, expired or taken back.',
    complexity: 100,
  })
  async sharedGeneration(
    @Arg('token', () => String, { description: 'The token of the share.' }) token: string,
    @Ctx() context: AssetsContext,
  ): Promise<Shared> {
    const shared = await openShare(token, context);
    if (!shared) throw notFound('share');
    return shared;
  }
}
