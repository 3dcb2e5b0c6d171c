/** Builds the graph of a job. It is saved when it is submitted: a takeover submits the saved one. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { KnownModel } from '../../backends/known-models.js';
import { routeOf } from '../../backends/needs.js';
import { type Graph, RequestRefusedError, UnreachableError } from '../../comfyui/index.js';
import { Refusal } from '../../graphql/errors.js';
import { saveRoute } from '../../runner/routes.js';
import { MissingFileError, readBytes } from '../../storage/storage.js';
import { requireSafe } from '../../workflows/graph/safety.js';
import { sampleGraph } from '../../workflows/sample-graph.js';
import { type InputValues, isFileType, type Workflow } from '../../workflows/workflow.js';
import { type ResolvedModels, resolveModels } from '../create/models.js';
import { needsFor } from '../create/route.js';
import { FailureCode, GenerationFailed } from '../failure.js';
import type { JobContext } from './context.js';
import { fittedTo, isAccepted, reroute } from './reroute.js';

/** Statuses that reject the picture; any other 4xx rejects the request. */
const PICTURE_REJECTED = [400, 413, 415, 422];
/** A folder below ComfyUI's input folder, which ComfyUI's own page does not list. */
const SOURCES_FOLDER = 'comfygraph';
const HASH_LENGTH = 32;

/** The chosen backend cannot run this job; requeue it for one that can. */
export class BackendUnsuitableError extends Error {
  override name = 'BackendUnsuitableError';
}

const invalid = (message: string, options?: ErrorOptions) =>
  new GenerationFailed({ code: FailureCode.INVALID_WORKFLOW, message, retryable: false }, options);

/** @throws GenerationFailed, BackendUnsuitableError, RequestRefusedError, or the signal's reason */
export async function prepareGraph(context: JobContext): Promise<Graph> {
  const { em, services, job } = context;
  const { backends } = services;
  const { workflowId, workflowName, workflowVersion } = job;
  const record = { id: workflowId, name: workflowName, version: workflowVersion };
  const [workflow] = await services.workflows.findRecorded([record]);
  if (!workflow) throw invalid(`This server no longer has the workflow ${workflowName}`);
  const values = await valuesOf(workflow, context);
  const uploads = await uploadFiles(workflow, context);
  Object.assign(values, Object.fromEntries(uploads));
  // A prefix for each attempt keeps users apart, and keeps ComfyUI's cache from returning older files.
  const built = workflow.build(values, `comfygraph/${job.id}/${job.attempt}`);
  requireSafeJob(workflow, built, uploads, context);
  const graph = fittedTo(built, job, backends);
  // The backend's catalogue may have changed since the job was routed.
  if (!isAccepted(graph, job, backends)) {
    await reroute(em, job, backends.needsOf(graph));
    throw new BackendUnsuitableError('The backend no longer has what the job needs');
  }
  return graph;
}

/** Checked again: this ComfyUI may have nodes that were unknown when the generation was created. */
function requireSafeJob(
  { saved }: Workflow,
  graph: Graph,
  uploads: ReadonlyMap<string, string>,
  { services: { backends, nodePolicy } }: JobContext,
): void {
  if (!saved) return;
  const filePlaces = [...uploads.keys()].flatMap((name) => saved.places.get(name) ?? []);
  try {
    requireSafe({ graph, filePlaces, isTrusted: saved.isTrusted }, backends.rulesOf, nodePolicy);
  } catch (error) {
    throw error instanceof Refusal ? invalid(error.message, { cause: error }) : error;
  }
}

/** Returns the values with the filenames of their models. A model that was not known at creation is validated now. */
async function valuesOf(workflow: Workflow, context: JobContext): Promise<InputValues> {
  const { parameters, modelFile } = context.job;
  const models = await resolveModels(workflow, parameters, context.services).catch((error: unknown) => {
    throw error instanceof Refusal ? invalid(error.message, { cause: error }) : error;
  });
  const [unknown] = models.unknown;
  if (unknown) throw invalid(unknown.name ? `Unknown model ${unknown.name}` : `No backend has a ${unknown.kind}`);
  if (models.model && modelFile === null) await recordModel(workflow, models, models.model, context);
  return models.files;
}

async function recordModel(
  workflow: Workflow,
  models: ResolvedModels,
  model: KnownModel,
  { em, services: { backends }, job }: JobContext,
): Promise<void> {
  const graph = sampleGraph(workflow, models.files);
  const [problem] = backends.check(graph);
  if (problem) throw invalid(`No backend can run this: ${problem.message}`);
  const needs = needsFor(backends, graph, models);
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  await em.execute(
    `update generations set model_id = ?, parameters = parameters || ?::jsonb, route = ?, revision = revision + 1, updated_at = now() where id = ? and fence = ?`,
    [model.id, JSON.stringify(models.names), route, job.id, job.fence],
  );
  if (!backends.serves(job.backendId, needs))
    throw new BackendUnsuitableError('Another backend has what the job needs');
}

/** Uploads the input files, each once. Returns the names that ComfyUI gave them, by the name of the input. */
async function uploadFiles({ inputs }: Workflow, context: JobContext): Promise<Map<string, string>> {
  const { parameters, inputFiles } = context.job;
  const names = new Map<string, string>();
  const byKey = new Map<string, string>();
  for (const { name, type } of inputs) {
    if (!isFileType(type) || parameters[name] == null) continue;
    const key = inputFiles[name];
    if (key === undefined) throw invalid('The generation has no source picture');
    const uploaded = byKey.get(key) ?? (await uploadFile(key, context));
    byKey.set(key, uploaded);
    names.set(name, uploaded);
  }
  return names;
}

/**
 * Uploads a file. Its name is a hash: ComfyUI stores the same bytes once a day, and its cache recognizes them. Retries while the backend is
 * unreachable.
 */
async function uploadFile(key: string, context: JobContext): Promise<string> {
  const { services, tools, signal } = context;
  const bytes = await readSource(key, context);
  const extension = key.slice(key.lastIndexOf('.') + 1);
  const filename = `${createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH)}.${extension}`;
  // ComfyUI keeps the time of a file that it has already. Each day has its own folder, so that deleting old files never deletes one in use.
  const subfolder = `${SOURCES_FOLDER}/${new Date().toISOString().slice(0, 10)}`;
  for (;;) {
    try {
      const uploaded = await tools.comfyui.upload(
        { bytes, filename, contentType: 'application/octet-stream', subfolder },
        signal,
      );
      return uploaded.subfolder ? `${uploaded.subfolder}/${uploaded.name}` : uploaded.name;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RequestRefusedError && PICTURE_REJECTED.includes(error.status))
        throw invalid('ComfyUI rejected the source picture', { cause: error });
      if (!(error instanceof UnreachableError)) throw error;
      await delay(services.timings.uploadRetryDelayMs, undefined, { signal });
    }
  }
}

/** Retries while the storage fails: it still has the file when it works again. */
async function readSource(key: string, { services, signal, logger }: JobContext): Promise<Buffer> {
  for (;;) {
    try {
      return await readBytes(services.storage, key);
    } catch (cause) {
      if (cause instanceof MissingFileError) throw invalid('The source picture is gone', { cause });
      signal.throwIfAborted();
      logger.warn({ err: cause }, 'could not read a source picture');
      await delay(services.timings.uploadRetryDelayMs, undefined, { signal });
    }
  }
}
