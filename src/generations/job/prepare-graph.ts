/** Makes the graph that a job sends, once: a takeover sends what was stored. */
import { setTimeout as delay } from 'node:timers/promises';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { inspectImage } from '../../assets/inspect-image.js';
import type { Backends } from '../../backends/backends.js';
import { ModelKind } from '../../backends/model.js';
import { defaultModel, findModel, type ModelRow, readModels } from '../../backends/models.js';
import { routeOf } from '../../backends/needs.js';
import { type ComfyUI, type Graph, RequestRefusedError, UnreachableError } from '../../comfyui/index.js';
import { Refusal } from '../../graphql/errors.js';
import type { Job } from '../../runner/leases.js';
import { type StoredPrompt, saveGraph } from '../../runner/prompts.js';
import { saveRoute } from '../../runner/routes.js';
import { readBytes, type Storage } from '../../storage/storage.js';
import type { InputType, InputValues, Workflow } from '../../workflows/workflow.js';
import type { Workflows } from '../../workflows/workflows.js';
import { needsFor } from '../create/route.js';
import type { Generation } from '../generation.js';
import { isAccepted, reroute, spelledFor } from './reroute.js';

/** How a picture is refused; another 4xx refuses whoever sends one. */
const OF_THE_PICTURE = [400, 413, 415, 422];
/** In ComfyUI's input folder: its own page lists what is directly in that, and nothing below. */
const SOURCES_FOLDER = 'comfygraph';

/** The graph cannot be made from what the generation says. */
export class UnpreparableError extends Error {
  override name = 'UnpreparableError';
}

/** The backend that was chosen does not have what the generation needs. */
export class ElsewhereError extends Error {
  override name = 'ElsewhereError';
}

export type Preparation = {
  em: SqlEntityManager;
  backends: Backends;
  storage: Storage;
  workflows: Workflows;
  comfyui: ComfyUI;
  configuredModel: string | undefined;
  uploadRetryDelayMs: number;
  signal: AbortSignal;
};

/** @throws UnpreparableError, ElsewhereError, RequestRefusedError, or the signal's reason */
export async function prepareGraph(
  generation: Generation,
  stored: StoredPrompt,
  job: Job,
  preparation: Preparation,
): Promise<Graph> {
  if (stored.graph) return stored.graph;
  const { userId, workflowName, workflowVersion } = generation;
  const workflow = await preparation.workflows.find({ userId, name: workflowName, version: workflowVersion });
  if (!workflow) throw new UnpreparableError(`This server has no workflow ${workflowName} any more`);
  const values: InputValues = { ...generation.parameters };
  const named = (wanted: InputType) => workflow.inputs.filter(({ type }) => type === wanted).map(({ name }) => name);
  for (const name of named('MODEL')) values[name] = (await modelOf(workflow, generation, job, preparation)).filename;
  for (const name of named('IMAGE')) values[name] = await uploadSource(generation, job, preparation);
  // A prefix of its own for each attempt keeps tenants apart, and keeps ComfyUI's cache from answering with older files.
  const built = workflow.build(values, `comfygraph/${generation.id}/${job.attempt}`);
  const graph = spelledFor(built, job, preparation.backends);
  // What this backend offers may have changed since the job was routed.
  if (!isAccepted(graph, job, preparation.backends)) {
    await reroute(preparation.em, job, preparation.backends.needsOf(graph));
    throw new ElsewhereError('The backend no longer has what it needs');
  }
  await saveGraph(preparation.em, job, graph);
  return graph;
}

/** Chosen at creation; only where no catalogue was known then, it is judged now. */
async function modelOf(
  workflow: Workflow,
  generation: Generation,
  job: Job,
  { em, backends, configuredModel }: Preparation,
): Promise<ModelRow> {
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
  const needs = needsFor(backends, workflow, generation.parameters, model.filename);
  const missing = backends.missing(needs);
  if (missing.length > 0) throw new UnpreparableError(`No backend has all that it needs: ${missing.join(', ')}`);
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  await em.execute(
    `update generations set model_id = ?, parameters = parameters || jsonb_build_object('model', ?::text), route = ?, revision = revision + 1, updated_at = now() where id = ? and fence = ?`,
    [model.id, model.name, route, generation.id, job.fence],
  );
  if (!backends.serves(job.backendId, needs)) throw new ElsewhereError('Another backend has what it needs');
  return model;
}

/** That there is no such model is an answer; that the database does not answer is none. */
const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof Refusal)) throw error;
};

/** Gives ComfyUI the picture to start from, under a name of this attempt's own. */
async function uploadSource(
  generation: Generation,
  job: Job,
  { storage, comfyui, uploadRetryDelayMs, signal }: Preparation,
): Promise<string> {
  if (generation.sourceFile === null) throw new UnpreparableError('There is no picture to start from');
  const bytes = await readBytes(storage, generation.sourceFile).catch((cause) => {
    throw new UnpreparableError('The picture to start from is gone', { cause });
  });
  const { contentType, extension } = await inspectImage(bytes);
  const filename = `${job.promptId}.${extension}`;
  for (;;) {
    try {
      const uploaded = await comfyui.upload({ bytes, filename, contentType, subfolder: SOURCES_FOLDER }, signal);
      return uploaded.subfolder ? `${uploaded.subfolder}/${uploaded.name}` : uploaded.name;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RequestRefusedError && OF_THE_PICTURE.includes(error.status))
        throw new UnpreparableError('ComfyUI does not take the picture to start from', { cause: error });
      if (!(error instanceof UnreachableError)) throw error;
      await delay(uploadRetryDelayMs, undefined, { signal });
    }
  }
}
