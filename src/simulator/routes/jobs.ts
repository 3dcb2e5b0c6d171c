/** `GET /api/jobs` of newer versions: queue and history in one list. */
import type { HistoryEntry, QueueItem } from '../../comfyui/protocol/protocol.js';
import { isObject } from '../json.js';
import { type Answer, type Exchange, json } from './exchange.js';

type Job = Record<string, unknown> & { id: string; status: string };

export function list({ life, query }: Exchange): Answer {
  const wanted = query.get('status')?.split(',');
  const jobs = [
    ...life.queue.pending.map((item) => waiting(item, 'pending')),
    ...life.queue.running.map((item) => waiting(item, 'in_progress')),
    ...[...life.queue.history().values()].map(ended),
  ]
    .filter((job) => !wanted || wanted.includes(job.status))
    .sort((a, b) => Number(b.create_time) - Number(a.create_time));
  const offset = Math.max(0, Number(query.get('offset') ?? 0));
  const limit = query.has('limit') ? Number(query.get('limit')) : null;
  const page = jobs.slice(offset, limit === null ? undefined : offset + limit);
  const has_more = offset + page.length < jobs.length;
  return json({ jobs: page, pagination: { offset, limit, total: jobs.length, has_more } });
}

export function one({ life, params: [id = ''] }: Exchange): Answer {
  const entry = life.queue.entry(id);
  if (entry) {
    const { outputs, status } = entry;
    return json({ ...ended(entry), outputs, execution_status: status, workflow: workflow(entry.prompt) });
  }
  const isIt = (item: QueueItem) => item[1] === id;
  const running = life.queue.running.find(isIt);
  const item = running ?? life.queue.pending.find(isIt);
  if (!item) return json({ error: 'Job not found' }, 404);
  return json({ ...waiting(item, running ? 'in_progress' : 'pending'), workflow: workflow(item) });
}

function waiting([priority, id, , extraData]: QueueItem, status: string): Job {
  return { id, status, priority, create_time: extraData.create_time, outputs_count: 0 };
}

function ended({ prompt, outputs, status }: HistoryEntry): Job {
  const at = (type: string) =>
    status.messages.find(([each]) => each === type)?.[1] as { timestamp?: number } | undefined;
  const error = at('execution_error');
  const end = at('execution_success') ?? error ?? at('execution_interrupted');
  const files = Object.entries(outputs).flatMap(([nodeId, output]) =>
    Object.entries(output).flatMap(([mediaType, items]) =>
      items
        .filter(isObject)
        .filter((item) => 'filename' in item)
        .map((item) => ({ ...item, nodeId, mediaType })),
    ),
  );
  // What is kept is preferred to what is temporary.
  const preview = files.find((file) => (file as { type?: unknown }).type === 'output') ?? files[0];
  return {
    ...waiting(prompt, status.status_str === 'success' ? 'completed' : 'failed'),
    execution_start_time: at('execution_start')?.timestamp,
    execution_end_time: end?.timestamp,
    ...(error && { execution_error: error }),
    outputs_count: files.length,
    ...(preview && { preview_output: preview }),
  };
}

function workflow([, , prompt, extra_data]: QueueItem) {
  return { prompt, extra_data };
}
