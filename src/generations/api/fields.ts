/** Fields of generations and results that are not columns. */
import { Ctx, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { User } from '../../accounts/user.js';
import type { UserRow } from '../../accounts/user-rows.js';
import { Image } from '../../assets/image.js';
import { OutputFile } from '../../assets/output-file.js';
import { Result } from '../../assets/result.js';
import type { ImageRow, OutputFileRow, ResultRow } from '../../assets/result-rows.js';
import { Backend } from '../../backends/backend.js';
import { Model } from '../../backends/model.js';
import type { ModelRow } from '../../backends/model-rows.js';
import { PageInfo } from '../../graphql/pagination.js';
import { WorkflowType } from '../../workflows/api/types.js';
import type { Workflow } from '../../workflows/workflow.js';
import type { GenerationsContext } from '../context.js';
import { Generation } from '../generation.js';
import type { GenerationRow, GenerationWithParts } from '../generation-rows.js';
import { WaitReason } from '../live/wait-reason.js';
import { GenerationStatus, isFinal, isQueued } from '../status.js';
import { countGenerations } from './count.js';
import { cursorOf, isBeyond } from './list.js';
import type { ListedPage } from './resolver.js';
import { GenerationConnection, GenerationEdge, Progress } from './types.js';

/** A row, with the values that a live update or the page has already read. */
type Source = GenerationWithParts & { queuePosition?: number | null; waitReason?: WaitReason | null };

/** A row, with its generation if that was read first. */
type ResultSource = ResultRow & { generation?: GenerationRow };

@Resolver(() => Generation)
export class GenerationFields {
  @FieldResolver(() => User, { description: 'The owner.' })
  user(@Root() { userId }: Source, @Ctx() { loaders }: GenerationsContext): Promise<UserRow> {
    return loaders.users.load(userId);
  }

  @FieldResolver(() => WorkflowType, { description: 'The workflow that makes it.' })
  workflow(
    @Root() { workflowId, workflowName, workflowVersion }: Source,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<Workflow> {
    return loaders.workflows.load({ id: workflowId, name: workflowName, version: workflowVersion });
  }

  @FieldResolver(() => Model, {
    nullable: true,
    description:
      'Null if the workflow takes no model, and while no catalogue has been seen that could validate its name.',
  })
  model(@Root() { modelId, model }: Source, @Ctx() context: GenerationsContext): Promise<ModelRow> | ModelRow | null {
    if (model !== undefined) return model;
    return modelId === null ? null : context.loaders.models.load(modelId);
  }

  @FieldResolver(() => Int, {
    nullable: true,
    description:
      'The number of generations before this one, those in the queues of the ComfyUIs included: 0 is next. Counted at each read; subscribers of `generationUpdated` receive its changes at most once a second, those of `generationsUpdated` only with other changes. Null once it executes or has ended, and between two attempts.',
  })
  queuePosition(@Root() source: Source, @Ctx() context: GenerationsContext): Promise<number> | number | null {
    return isQueued(source) ? (source.queuePosition ?? context.loaders.queuePositions.load(source.id)) : null;
  }

  @FieldResolver(() => WaitReason, {
    nullable: true,
    description:
      'Why it does not execute yet, or BACKEND_OFFLINE while the ComfyUI that executes it does not respond. Null unless it waits.',
  })
  waitReason(
    @Root() source: Source,
    @Ctx() context: GenerationsContext,
  ): Promise<WaitReason | null> | WaitReason | null {
    if (source.waitReason !== undefined) return source.waitReason;
    return isFinal(source.status) ? null : context.loaders.waitReasons.load(source);
  }

  @FieldResolver(() => Backend, {
    nullable: true,
    description: 'The backend of the current or last attempt; null while PENDING.',
  })
  backend(@Root() { id, status, attempt }: Source, @Ctx() context: GenerationsContext): Promise<Backend | null> | null {
    return status === GenerationStatus.PENDING || attempt === 0 ? null : context.loaders.backends.load(id);
  }

  @FieldResolver(() => Int, { description: "Higher goes first among the viewer's own generations." })
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
    description: 'The generation that this one retries; null once that is deleted.',
  })
  retryOf(@Root() { retryOfId }: Source, @Ctx() context: GenerationsContext): Promise<GenerationRow | null> | null {
    return retryOfId === null ? null : context.loaders.visibleGenerations.load(retryOfId);
  }

  @FieldResolver(() => String, { nullable: true, description: 'The message of `failure`.' })
  errorMessage(@Root() { failure }: Source): string | null {
    return failure?.message ?? null;
  }

  @FieldResolver(() => Result, { nullable: true, description: 'The result; null unless COMPLETED.' })
  result(@Root() source: Source, @Ctx() context: GenerationsContext): Promise<ResultRow | null> | ResultSource | null {
    const { id, status, result, userId, prompt, workflowName } = source;
    if (result !== undefined) return result && { ...result, userId, prompt, workflowName, generation: source };
    return status === GenerationStatus.COMPLETED ? context.loaders.results.load(id) : null;
  }
}

@Resolver(() => Result)
export class ResultFields {
  @FieldResolver(() => Generation, { description: 'The generation that made it.' })
  generation(
    @Root() { generationId, generation }: ResultSource,
    @Ctx() { loaders }: GenerationsContext,
  ): Promise<GenerationRow> | GenerationRow {
    return generation ?? loaders.generations.load(generationId);
  }

  @FieldResolver(() => [Image], {
    description: "The images, also animated ones, in the order of the workflow's outputs.",
  })
  images(@Root() { images, userId, prompt, workflowName }: ResultRow): ImageRow[] {
    return images.map((image) => ({ ...image, userId, prompt, workflowName }));
  }

  @FieldResolver(() => [OutputFile], {
    description:
      "The other files: videos, sounds, 3D models, texts, latents and more, in the order of the workflow's outputs.",
  })
  files(@Root() { files, userId, prompt, workflowName }: ResultRow): OutputFileRow[] {
    return files.map((file) => ({ ...file, userId, prompt, workflowName }));
  }

  @FieldResolver(() => String, {
    description:
      'A signed URL, like those of images, of a ZIP file with all images and files of the result. The server makes the archive while it sends it.',
  })
  archiveUrl(@Root() { id }: ResultRow, @Ctx() { signedUrls }: GenerationsContext): string {
    return signedUrls.sign(`/archives/${id}.zip`);
  }
}

@Resolver(() => GenerationConnection)
export class GenerationConnectionFields {
  @FieldResolver(() => [GenerationEdge], { description: 'The page, with cursors.' })
  edges(@Root() { rows, listing }: ListedPage): { cursor: string; node: GenerationRow }[] {
    return rows.map((node) => ({ cursor: cursorOf(node, listing), node }));
  }

  @FieldResolver(() => [Generation], { description: 'The generations of the page, without cursors.' })
  nodes(@Root() { rows }: ListedPage): GenerationRow[] {
    return rows;
  }

  @FieldResolver(() => PageInfo, { description: 'The cursors of the page, and whether more pages follow.' })
  async pageInfo(
    @Root() { rows, hasMore, listing }: ListedPage,
    @Ctx() { reads }: GenerationsContext,
  ): Promise<PageInfo> {
    const { backward } = listing.page;
    const [first, last] = [rows.at(0), rows.at(-1)];
    return {
      hasNextPage: (hasMore && !backward) || (await isBeyond(reads, listing, 'before')),
      hasPreviousPage: (hasMore && backward) || (await isBeyond(reads, listing, 'after')),
      startCursor: first ? cursorOf(first, listing) : null,
      endCursor: last ? cursorOf(last, listing) : null,
    };
  }

  @FieldResolver(() => Int, {
    description: 'The number of generations that match the filter. Counted only when selected.',
    complexity: 1_000,
  })
  totalCount(@Root() { listing }: ListedPage, @Ctx() { em }: GenerationsContext): Promise<number> {
    return countGenerations(em, listing);
  }
}
