/** Builds the graph of a job. It is saved when it is submitted: a takeover submits the saved one. */
import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { inspectImage } from '../../assets/inspect-image.js';
import { ModelKind } from '../../backends/model.js';
import { routeOf } from '../../backends/needs.js';
import { type Graph, RequestRefusedError, UnreachableError } from '../../comfyui/index.js';
import { Refusal } from '../../graphql/errors.js';
import { saveRoute } from '../../runner/routes.js';
import { readBytes } from '../../storage/storage.js';
import type { InputType, InputValues, Workflow } from '../../workflows/workflow.js';
import { needsFor } from '../create/route.js';
import { FailureCode, GenerationFailed } from '../failure.js';
import type { JobContext } from './context.js';
import { isAccepted, reroute, spelledFor } from './reroute.js';

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
  const { userId, workflowName, workflowVersion } = job;
  const workflow = await services.workflows.find({ userId, name: workflowName, version: workflowVersion });
  if (!workflow) throw invalid(`This server no longer has the workflow ${workflowName}`);
  const values: InputValues = { ...job.parameters };
  const named = (wanted: InputType) => workflow.inputs.filter(({ type }) => type === wanted).map(({ name }) => name);
  for (const name of named('MODEL')) values[name] = job.modelFile ?? (await chooseModel(workflow, context));
  for (const name of named('IMAGE')) values[name] = await uploadSource(context);
  // A prefix for each attempt keeps users apart, and keeps ComfyUI's cache from returning older files.
  const built = workflow.build(values, `comfygraph/${job.id}/${job.attempt}`);
  const graph = spelledFor(built, job, backends);
  // The backend's catalogue may have changed since the job was routed.
  if (!isAccepted(graph, job, backends)) {
    await reroute(em, job, backends.needsOf(graph));
    throw new BackendUnsuitableError('The backend no longer has what the job needs');
  }
  return graph;
}

/** Chooses and validates the model of a generation that was created while no catalogue was known. Returns its file. */
async function chooseModel(workflow: Workflow, { em, services, job }: JobContext): Promise<string> {
  const { backends, configuredModel } = services;
  const name = job.parameters.model;
  const found =
    typeof name === 'string'
      ? backends.models.find(ModelKind.CHECKPOINT, name, 'model')
      : backends.models.default(ModelKind.CHECKPOINT, configuredModel);
  const model = await found.catch(ignoreRefusal);
  if (!model) throw invalid(typeof name === 'string' ? `Unknown model ${name}` : 'No backend has a checkpoint');
  const needs = needsFor(backends, workflow, job.parameters, model.filename);
  const missing = backends.missing(needs);
  if (missing.length > 0) throw invalid(`No backend can run this: missing ${missing.join(', ')}`);
  const route = routeOf(needs);
  await saveRoute(em, route, needs);
  await em.execute(
    `update generations set model_id = ?, parameters = parameters || jsonb_build_object('model', ?::text), route = ?, revision = revision + 1, updated_at = now() where id = ? and fence = ?`,
    [model.id, model.name, route, job.id, job.fence],
  );
  if (!backends.serves(job.backendId, needs))
    throw new BackendUnsuitableError('Another backend has what the job needs');
  return model.filename;
}

/** Returns undefined for an unknown model; rethrows every other error, such as one of the database. */
const ignoreRefusal = (error: unknown): undefined => {
  if (!(error instanceof Refusal)) throw error;
};

/**
 * Uploads the source picture. Its name is a hash: ComfyUI stores the same bytes once a day, and its cache recognizes them. Retries while the
 * backend is unreachable.
 */
async function uploadSource({ services, job, tools, signal }: JobContext): Promise<string> {
  if (job.sourceFile === null) throw invalid('The generation has no source picture');
  const bytes = await readBytes(services.storage, job.sourceFile).catch((cause) => {
    throw invalid('The source picture is gone', { cause });
  });
  const { contentType, extension } = await inspectImage(bytes);
  const filename = `${createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH)}.${extension}`;
  // ComfyUI keeps the time of a file that it has already. Each day has its own folder, so that deleting old files never deletes one in use.
  const subfolder = `${SOURCES_FOLDER}/${new Date().toISOString().slice(0, 10)}`;
  for (;;) {
    try {
      const uploaded = await tools.comfyui.upload({ bytes, filename, contentType, subfolder }, signal);
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
