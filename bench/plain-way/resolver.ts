/** The page and the creation, as a beginner would write them: `em.find` with `populate`, and `em.persist`. */
import { createHmac } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import {
  Arg,
  Ctx,
  Field,
  FieldResolver,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { Generation, Image } from './entities.js';

export type Context = { em: EntityManager; userId: string };

@ObjectType()
class PageInfo {
  @Field(() => Boolean)
  hasNextPage!: boolean;

  @Field(() => String, { nullable: true })
  endCursor?: string;
}

@ObjectType()
class GenerationConnection {
  @Field(() => [Generation])
  nodes!: Generation[];

  @Field(() => PageInfo)
  pageInfo!: PageInfo;
}

@InputType()
class CreateGenerationInput {
  @Field(() => String)
  prompt!: string;

  @Field(() => Int)
  width!: number;

  @Field(() => Int)
  height!: number;

  @Field(() => Int)
  steps!: number;
}

@Resolver(() => Generation)
export class GenerationResolver {
  @Query(() => GenerationConnection)
  async generations(@Arg('first', () => Int) first: number, @Ctx() { em, userId }: Context) {
    const found = await em.find(
      Generation,
      { userId },
      { orderBy: { createdAt: 'desc', id: 'desc' }, limit: first + 1, populate: ['model', 'result.images'] },
    );
    const nodes = found.slice(0, first);
    const last = nodes.at(-1);
    const endCursor = last && Buffer.from(`${last.createdAt.toISOString()} ${last.id}`).toString('base64url');
    return { nodes, pageInfo: { hasNextPage: found.length > first, endCursor } };
  }

  @Mutation(() => Generation)
  async createGeneration(
    @Arg('input') { prompt, ...parameters }: CreateGenerationInput,
    @Ctx() { em, userId }: Context,
  ) {
    const generation = new Generation();
    generation.userId = userId;
    generation.prompt = prompt;
    generation.parameters = parameters;
    await em.persist(generation).flush();
    return generation;
  }
}

@Resolver(() => Image)
export class ImageResolver {
  @FieldResolver(() => String)
  url(@Root() { id }: Image): string {
    const path = `/images/${id}.png`;
    const expires = 1_900_000_000;
    const signature = createHmac('sha256', 'secret').update(`${path}?${expires}`).digest('base64url');
    return `${path}?expires=${expires}&signature=${signature}`;
  }
}
