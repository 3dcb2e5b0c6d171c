/** `importWorkflow`: the file of an upload belongs to the assets, and the draft to the workflows. */
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { requireViewer, type Viewer } from '../accounts/viewer.js';
import { requireOwnFile } from '../assets/own-file.js';
import { badUserInput } from '../graphql/errors.js';
import { Semaphore } from '../limits/semaphore.js';
import { readBytes } from '../storage/storage.js';
import { ImportWorkflowInput, toDraftType, WorkflowDraftType } from '../workflows/api/draft-types.js';
import { importWorkflow } from '../workflows/saved/import-workflow.js';
import type { Context } from './context.js';

/** The whole file is in memory while its workflow is searched. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** Files that are in memory at once. The others wait. */
const MAX_READS = 2;

@Resolver()
export class ImportResolver {
  readonly #reads = new Semaphore(MAX_READS);

  @Mutation(() => WorkflowDraftType, {
    nullable: true,
    description:
      'Reads a workflow from a document, and saves nothing. Counts as a creation for the rate limit. FORBIDDEN unless WORKFLOW_AUTHORS lets the viewer, BAD_USER_INPUT for a document without a workflow, COMFYUI_UNAVAILABLE for a workflow of ComfyUI’s page while no ComfyUI is online. For `upload`: NOT_FOUND, FORBIDDEN for the file of another user, CONFLICT for an upload that is not filled.',
  })
  async importWorkflow(
    @Arg('input', () => ImportWorkflowInput, { description: 'The document to import.' })
    { document, upload }: ImportWorkflowInput,
    @Ctx() context: Context,
  ): Promise<WorkflowDraftType> {
    const viewer = requireViewer(context);
    await context.rateLimits.take('creation', viewer.id);
    if ((document == null) === (upload == null))
      throw badUserInput('Give document or upload, and not both', 'document');
    const draft =
      upload == null
        ? await importWorkflow(viewer, () => document, 'document', context)
        : await importWorkflow(viewer, () => this.#readFile(viewer, upload, context), 'upload', context);
    return toDraftType(draft);
  }

  async #readFile(viewer: Viewer, id: string, { em, storage }: Context): Promise<Uint8Array> {
    const { file, byteSize } = await requireOwnFile(em, viewer, id);
    if (byteSize > MAX_FILE_BYTES)
      throw badUserInput(`The file has ${byteSize} bytes; the maximum of an import is ${MAX_FILE_BYTES}`, 'upload');
    const release = await this.#reads.acquire();
    try {
      return await readBytes(storage, file);
    } finally {
      release();
    }
  }
}
