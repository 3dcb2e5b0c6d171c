/** Makes the graph that a job sends, once: a takeover sends what was stored. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { GraphQLError } from 'graphql';
import { ModelKind } from '../backends/model.js';
import { defaultModel, findModel, type ModelRow, readModels } from '../backends/models.js';
import { type ComfyUI, type Graph, RequestRefusedError, UnreachableError } from '../comfyui/index.js';
import type { Job } from '../runner/claims.js';
import { judgePicture } from '../storage/picture.js';
import type { Storage } from '../storage/storage.js';
import { findWorkflow } from '../workflows/built-in.js';
import type { InputValues } from '../workflows/workflow.js';
import type { Generation } from './generation.js';
import { type StoredPrompt, storeGraph } from './prompts.js';

const RETRY_UPLOAD_EVERY_MS = 2_000;

/** The graph cannot be made from what the generation says. */
export class UnpreparableError extends Error {
  override name = 'UnpreparableError';
}

export type Preparation = {
  em: SqlEntityManager;
  storage: Storage;
  comfyui: ComfyUI;
  configuredModel: string | undefined;
  signal: AbortSignal;
};

/** @throws UnpreparableError, or the signal's reason */
export async function prepareGraph(
  generation: Generation,
  stored: StoredPrompt,
  job: Job,
  preparation: Preparation,
): Promise<Graph> {
  if (stored.graph) return stored.graph;
  const workflow = findWorkflow(generation.workflowName, generation.workflowVersion);
  if (!workflow) throw new UnpreparableError(`This server has no workflow ${generation.workflowName} any more`);
  const values: InputValues = { ...generation.parameters };
  for (const { name, type } of workflow.inputs) {
    if (type === 'MODEL') values[name] = (await modelOf(generation, preparation)).filename;
    if (type === 'IMAGE') values[name] = await uploadSource(generation, job, preparation);
  }
  // A prefix of its own for each attempt keeps tenants apart, and keeps ComfyUI's cache from answering with older files.
  const graph = workflow.build(values, `comfygraph/${generation.id}/${job.attempt}`);
  await storeGraph(preparation.em, job, graph);
  return graph;
}

/** Chosen at creation; only where no catalogue was known then, it is judged now. */
async function modelOf(generation: Generation, { em, configuredModel }: Preparation): Promise<ModelRow> {
  const [chosen] = generation.modelId ? await readModels(em, [generation.modelId]) : [];
  if (chosen) return chosen;
  const name = generation.parameters.model;
  const finding =
    typeof name === 'string'
      ? findModel(em, ModelKind.CHECKPOINT, name, 'model')
      : defaultModel(em, ModelKind.CHECKPOINT, configuredModel);
  const model = await finding.catch(unlessRefused);
  if (!model)
    throw new UnpreparableError(typeof name === 'string' ? `There is no model ${name}` : 'There is no checkpoint');
  await em.execute(
    `update generations set model_id = ?, parameters = parameters || jsonb_build_object('model', ?::text), revision = revision + 1, updated_at = now() where id = ? and fence = ?`,
    [model.id, model.name, generation.id, generation.fence],
  );
  return model;
}

/** That there is no such model is an answer; that the database does not answer is none. */
const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof GraphQLError)) throw error;
};

/** Gives ComfyUI the picture to start from, under a name of this attempt's own. */
async function uploadSource(
  generation: Generation,
  job: Job,
  { storage, comfyui, signal }: Preparation,
): Promise<string> {
  if (generation.sourceFile === null) throw new UnpreparableError('There is no picture to start from');
  const bytes = await storage.read(generation.sourceFile).catch((cause) => {
    throw new UnpreparableError('The picture to start from is gone', { cause });
  });
  const { contentType, extension } = await judgePicture(bytes);
  const filename = `comfygraph-${job.promptId}.${extension}`;
  for (;;) {
    try {
      const uploaded = await comfyui.upload({ bytes, filename, contentType }, signal);
      return uploaded.subfolder ? `${uploaded.subfolder}/${uploaded.name}` : uploaded.name;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RequestRefusedError)
        throw new UnpreparableError('ComfyUI does not take the picture to start from', { cause: error });
      if (!(error instanceof UnreachableError)) throw error;
      await delay(RETRY_UPLOAD_EVERY_MS, undefined, { signal });
    }
  }
}
