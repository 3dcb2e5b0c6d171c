/** The fields of generations, results and images that are not columns of their rows. */
import { Arg, Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { User } from '../../accounts/user.js';
import { filenameOf } from '../../assets/filename.js';
import { Image, Result } from '../../assets/result.js';
import type { ImageRow } from '../../assets/result-rows.js';
import { Backend } from '../../backends/backend.js';
import { Model } from '../../backends/model.js';
import type { ModelRow } from '../../backends/models.js';
import { PageInfo } from '../../graphql/pagination.js';
import { WorkflowType } from '../../workflows/resolver.js';
import type { Workflow } from '../../workflows/workflow.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import type { GenerationRow } from '../generation-rows.js';
import { WaitReason } from '../live/wait-reason.js';
import { GenerationStatus, isFinal } from '../status.js';
import { countGenerations, isBeyond } from './list.js';
import type { ListedPage } from './resolver.js';
import { GenerationConnection, Progress } from './types.js';

/** A row, and what a live update has already counted for it. */
type Source = GenerationRow & { queuePosition?: number | null; waitReason?: WaitReason | null };

@Resolver(() => Generation)
export class GenerationFields {
  @FieldResolver(() => User, { description: 'Who asked for it.' })
  user(@Root() { userId }: Source, @Ctx() { loaders }: GenerationsContext): Promise<User> {
    return loaders.users.load(userId);
  }

  @FieldResolver(() => WorkflowType, { description: 'How it is made.' })
  workflow(
    @Root() { userId, workflowName, workflowVersion }: Source,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<Workflow> {
    return loaders.workflows.load({ userId, name: workflowName, version: workflowVersion });
  }

  @FieldResolver(() => Model, {
    nullable: true,
    description:
      'Null where the workflow takes no model, and while no catalogue to judge its name by has ever been seen.',
  })
  model(@Root() { modelId }: Source, @Ctx() { loaders }: GenerationsContext): Promise<ModelRow> | null {
    return modelId === null ? null : loaders.models.load(modelId);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'How many generations go before this one: 0 is next. Counted when it is read; a subscriber is woken when it changes, at most once a second. Null unless PENDING.',
  })
  queuePosition(
    @Root() { id, status, queuePosition }: Source,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<number> | number | null {
    if (status !== GenerationStatus.PENDING) return null;
    return queuePosition ?? loaders.queuePositions.load(id);
  }

  @FieldResolver(() => WaitReason, {
    nullable: true,
    description: 'Why it does not execute yet. Null unless it waits for something.',
  })
  waitReason(
    @Root() source: Source,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<WaitReason | null> | WaitReason | null {
    if (source.waitReason !== undefined) return source.waitReason;
    return isFinal(source.status) || source.startedAt !== null ? null : loaders.waitReasons.load(source);
  }

  @FieldResolver(() => Backend, {
    nullable: true,
    description: 'Where it executes or was last; null while PENDING.',
  })
  backend(
    @Root() { id, status, attempt }: Source,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<Backend | null> | null {
    return status === GenerationStatus.PENDING || attempt === 0 ? null : loaders.backends.load(id);
  }

  @FieldResolver(() => Int, { description: "Higher goes first among the viewer's own." })
  priority(@Root() { rank }: Source): number {
    return 0 - rank;
  }

  @FieldResolver(() => Progress, {
    nullable: true,
    description: 'Null unless PROCESSING or CANCELING and executing.',
  })
  progress(
    @Root() { id, progress, progressAt, expectedSeconds, previewNumber }: Source,
    @Ctx() { signedUrls }: GenerationsContext,
  ): Progress | null {
    if (progress === null || progressAt === null) return null;
    return {
      fraction: progress.fraction,
      nodesDone: progress.nodesDone,
      nodesTotal: progress.nodesTotal,
      node: progress.node ?? null,
      step: progress.step ?? null,
      totalSteps: progress.totalSteps ?? null,
      eta: expectedSeconds === null ? null : Math.max(0, expectedSeconds * (1 - progress.fraction)),
      previewUrl: previewNumber === null ? null : signedUrls.sign(`/previews/${id}/${previewNumber}.jpg`),
      updatedAt: progressAt,
    };
  }

  @FieldResolver(() => Generation, {
    nullable: true,
    description: 'The generation that this one tries again; null once that is deleted.',
  })
  retryOf(@Root() { retryOfId }: Source, @Ctx() { loaders }: GenerationsContext): Promise<GenerationRow | null> | null {
    return retryOfId === null ? null : loaders.visibleGenerations.load(retryOfId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The message of `failure`.' })
  errorMessage(@Root() { failure }: Source): string | null {
    return failure?.message ?? null;
  }

  @FieldResolver(() => Result, { nullable: true, description: 'Null unless COMPLETED.' })
  result(@Root() { id, status }: Source, @Ctx() { loaders }: GenerationsContext): Promise<Result | null> | null {
    return status === GenerationStatus.COMPLETED ? loaders.results.load(id) : null;
  }
}

@Resolver(() => Result)
export class ResultFields {
  @FieldResolver(() => Generation, { description: 'What made it.' })
  generation(@Root() { generationId }: Result, @Ctx() { loaders }: GenerationsContext): Promise<GenerationRow> {
    return loaders.generations.load(generationId);
  }

  @FieldResolver(() => [Image], { description: 'The pictures, in the order they were made.' })
  images(@Root() { id }: Result, @Ctx() { loaders }: GenerationsContext): Promise<ImageRow[]> {
    return loaders.images.load(id);
  }
}

@Resolver(() => Image)
export class ImageFields {
  @FieldResolver(() => String, {
    description:
      "Root-relative (under the path of PUBLIC_URL, if that is set), with the file's extension before the query, and signed: holding it is the permission. Stays the same for the day and works until the end of the next. `download` makes a browser save it under a good name. A wrong or expired signature, and a deleted picture, answer 404.",
  })
  url(
    @Root() { id, file }: Image,
    @Arg('download', () => Boolean, { defaultValue: false, description: 'Whether a browser is to save it.' })
    download: boolean,
    @Ctx() { signedUrls }: GenerationsContext,
  ): string {
    const url = signedUrls.sign(`/images/${id}${file.slice(file.lastIndexOf('.'))}`);
    return download ? `${url}&download=1` : url;
  }

  @FieldResolver(() => String, {
    description: 'A good name to save it under, from the prompt; browsers take it where `download` is asked for.',
  })
  filename(@Root() image: ImageRow): string {
    return filenameOf(image);
  }

  @FieldResolver(() => Date, { description: 'When the URL stops working; asking again gives a newer one.' })
  urlExpiresAt(@Ctx() { signedUrls }: GenerationsContext): Date {
    return signedUrls.expiresAt();
  }
}

@Resolver(() => GenerationConnection)
export class GenerationConnectionFields {
  @FieldResolver(() => [Generation], { description: 'The page, without cursors.' })
  nodes(@Root() { edges }: ListedPage): GenerationRow[] {
    return edges.map(({ node }) => node);
  }

  @FieldResolver(() => PageInfo, { description: 'Where the page lies.' })
  async pageInfo(
    @Root() { edges, hasMore, listing }: ListedPage,
    @Ctx() { em }: GenerationsContext,
  ): Promise<PageInfo> {
    const { backward } = listing.page;
    return {
      hasNextPage: (hasMore && !backward) || (await isBeyond(em, listing, 'before')),
      hasPreviousPage: (hasMore && backward) || (await isBeyond(em, listing, 'after')),
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    };
  }

  @FieldResolver(() => Int, {
    description: 'How many the filter leaves in all. Counted only when it is asked for.',
    complexity: 1_000,
  })
  totalCount(@Root() { listing }: ListedPage, @Ctx() { em }: GenerationsContext): Promise<number> {
    return countGenerations(em, listing);
  }
}
