/** `/api/jobs` of newer versions: queue and history in one list. */
import type { HistoryEntry, NodeOutput, QueueItem } from '../../../comfyui/protocol/protocol.js';
import { isObject } from '../../python/json.js';
import { isSince, type Version } from '../../version.js';
import { type HttpResponse, json, type RouteContext } from './route.js';

type Job = Record<string, unknown> & { id: string; status: string };

/** Nodes that show 3D files return a path and no file item. */
const SHAPE = /\.(obj|glb|gltf|fbx|stl|usdz)$/i;

export function list({ instance, query }: RouteContext): HttpResponse {
  const statuses = query.get('status')?.split(',');
  const jobs = [
    ...instance.queue.pending.map((item) => queuedJob(item, 'pending')),
    ...instance.queue.running.map((item) => queuedJob(item, 'in_progress')),
    ...[...instance.queue.history().values()].map((entry) => finishedJob(entry, instance.catalog.version)),
  ]
    .filter((job) => !statuses || statuses.includes(job.status))
    .sort((a, b) => Number(b.create_time) - Number(a.create_time));
  const offset = Math.max(0, Number(query.get('offset') ?? 0));
  const limit = query.has('limit') ? Number(query.get('limit')) : null;
  const page = jobs.slice(offset, limit === null ? undefined : offset + limit);
  const has_more = offset + page.length < jobs.length;
  return json({ jobs: page, pagination: { offset, limit, total: jobs.length, has_more } });
}

export function get({ instance, params: [id = ''] }: RouteContext): HttpResponse {
  const entry = instance.queue.entry(id);
  if (entry) {
    const { status } = entry;
    const { version } = instance.catalog;
    const outputs = isSince('0.11', version) ? withShapes(entry.outputs) : entry.outputs;
    return json({
      ...finishedJob(entry, version),
      outputs,
      execution_status: status,
      workflow: workflow(entry.prompt),
    });
  }
  const isIt = (item: QueueItem) => item[1] === id;
  const running = instance.queue.running.find(isIt);
  const item = running ?? instance.queue.pending.find(isIt);
  if (!item) return json({ error: 'Job not found' }, 404);
  return json({ ...queuedJob(item, running ? 'in_progress' : 'pending'), workflow: workflow(item) });
}

/** Deletes a pending job, or interrupts it when it runs. A finished job stays unchanged. */
export function cancel({ instance, params: [id = ''] }: RouteContext): HttpResponse {
  if (instance.queue.delete(id)) {
    instance.shared.journal.record('deleted', id);
    return json({ cancelled: true });
  }
  const isRunning = instance.queue.running.some((item) => item[1] === id);
  if (isRunning) instance.interrupt(id);
  return json({ cancelled: isRunning });
}

/** Turns paths of 3D files into file items, and drops the empty entries beside them. */
const withShapes = (outputs: Record<string, NodeOutput>): Record<string, NodeOutput> =>
  Object.fromEntries(
    Object.entries(outputs).map(([id, output]) => [
      id,
      Object.fromEntries(
        Object.entries(output).map(([key, items]) => [key, items.some(isShape) ? toShapes(items) : items]),
      ),
    ]),
  );

const isShape = (item: unknown): item is string => typeof item === 'string' && SHAPE.test(item);

const toShapes = (items: unknown[]): unknown[] =>
  items.filter(isShape).map((filename) => ({ filename, type: 'output', subfolder: '', mediaType: '3d' }));

function queuedJob([priority, id, , extraData]: QueueItem, status: string): Job {
  return { id, status, priority, create_time: extraData.create_time, outputs_count: 0 };
}

function finishedJob({ prompt, outputs, status }: HistoryEntry, version: Version): Job {
  const at = (type: string) =>
    status.messages.find(([each]) => each === type)?.[1] as { timestamp?: number } | undefined;
  const error = at('execution_error');
  const isCanceled = isSince('0.8.2', version) && at('execution_interrupted') !== undefined;
  const outcome = status.status_str === 'success' ? 'completed' : isCanceled ? 'cancelled' : 'failed';
  const end = at('execution_success') ?? error ?? at('execution_interrupted');
  const files = Object.entries(isSince('0.11', version) ? withShapes(outputs) : outputs).flatMap(([nodeId, output]) =>
    Object.entries(output).flatMap(([mediaType, items]) =>
      items
        .filter(isObject)
        .filter((item) => 'filename' in item)
        .map((item) => ({ mediaType, ...item, nodeId })),
    ),
  );
  // Prefers a saved file to a temporary one.
  const preview = files.find((file) => (file as { type?: unknown }).type === 'output') ?? files[0];
  return {
    ...queuedJob(prompt, outcome),
    execution_start_time: at('execution_start')?.timestamp,
    execution_end_time: end?.timestamp,
    ...(error && { execution_error: error }),
    outputs_count: files.length,
    ...(isSince('0.31', version) && { previewable_outputs_count: files.length }),
    ...(preview && { preview_output: preview }),
  };
}

function workflow([, , prompt, extra_data]: QueueItem) {
  return { prompt, extra_data };
}
