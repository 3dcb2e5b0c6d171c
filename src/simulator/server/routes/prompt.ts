/** Submits prompts; reads and changes queue and history; interrupts. */
import { randomUUID } from 'node:crypto';
import type { Graph, QueueItem } from '../../../comfyui/protocol/protocol.js';
import { isObject } from '../../python/json.js';
import { PythonError, text, toBool, toFloat, toInt, typeName } from '../../python/python.js';
import { isSince } from '../../version.js';
import { empty, type HttpResponse, has, json, type RouteContext, readJson } from './route.js';

const LOWERCASE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_NEEDED =
  'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one';

export function remaining({ instance }: RouteContext): HttpResponse {
  return json({ exec_info: { queue_remaining: instance.queue.remaining } });
}

/** Synchronous after the body is read, so that events come after the response. */
export async function submit(context: RouteContext): Promise<HttpResponse> {
  const { instance } = context;
  const body = await readJson(context);
  const number = has(body, 'number')
    ? toFloat(body.number)
    : instance.nextNumber(has(body, 'front') && toBool(body.front));
  const reject = (type: string, message: string, details: string) =>
    json({ error: { type, message, details, extra_info: {} }, node_errors: {} }, 400);
  if (!has(body, 'prompt')) return reject('no_prompt', 'No prompt provided', 'No prompt provided');

  const isOld = instance.catalog.version === '0.3.64';
  const takesOnlyUuids = isSince('0.24', instance.catalog.version);
  const { ignoresPromptIds } = instance.shared.settings;
  const requestedId = Object.hasOwn(body, 'prompt_id') && !ignoresPromptIds ? body.prompt_id : undefined;
  if (
    takesOnlyUuids &&
    requestedId !== undefined &&
    requestedId !== null &&
    !(typeof requestedId === 'string' && LOWERCASE_UUID.test(requestedId))
  ) {
    return reject('invalid_prompt_id', 'prompt_id must be a valid UUID', UUID_NEEDED);
  }
  // Older versions accept any value as text, including null.
  const promptId =
    requestedId === undefined || (requestedId === null && takesOnlyUuids) ? randomUUID() : text(requestedId);
  const result = instance.validate(body.prompt, body.partial_execution_targets);
  const extraData = extraDataOf(body, isOld);
  if (!result.ok) return json({ error: result.error, node_errors: result.nodeErrors }, 400);

  instance.shared.journal.record('received', promptId);
  const item = [number, promptId, body.prompt as Graph, extraData, result.roots] as unknown as QueueItem;
  instance.queue.put(item);
  return json({ prompt_id: promptId, number, node_errors: result.nodeErrors });
}

/** Older versions accept null, which later ends the worker. */
function extraDataOf(body: Record<string, unknown>, isOld: boolean): unknown {
  const extraData = Object.hasOwn(body, 'extra_data') ? body.extra_data : {};
  const hasClient = Object.hasOwn(body, 'client_id');
  if (!isObject(extraData)) {
    if (hasClient || !isOld) {
      throw new PythonError('TypeError', `'${typeName(extraData)}' object does not support item assignment`);
    }
    return extraData;
  }
  return {
    ...extraData,
    ...(hasClient && { client_id: body.client_id }),
    ...(!isOld && { create_time: Date.now() }),
  };
}

export function queue({ instance }: RouteContext): HttpResponse {
  const visible = (items: QueueItem[]) =>
    items.map((item) => (instance.catalog.version === '0.3.64' ? item : withoutSecrets(item)));
  return json({ queue_running: visible(instance.queue.running), queue_pending: visible(instance.queue.pending) });
}

function withoutSecrets([number, id, prompt, extraData, roots]: QueueItem): QueueItem {
  const { auth_token_comfy_org, api_key_comfy_org, ...rest } = extraData;
  return [number, id, prompt, rest, roots];
}

export async function changeQueue(context: RouteContext): Promise<HttpResponse> {
  const { instance } = context;
  const body = await readJson(context);
  if (has(body, 'clear') && toBool(body.clear)) {
    for (const item of instance.queue.pending) instance.shared.journal.record('deleted', item[1]);
    instance.queue.clear();
  }
  if (has(body, 'delete')) {
    for (const id of ids(body.delete)) if (instance.queue.delete(id)) instance.shared.journal.record('deleted', id);
  }
  return empty();
}

export async function interrupt(context: RouteContext): Promise<HttpResponse> {
  const { instance } = context;
  const body: unknown = await readJson(context).catch((error: unknown) => {
    if (error instanceof SyntaxError) return {};
    throw error;
  });
  if (!isObject(body)) throw new PythonError('AttributeError', `'${typeName(body)}' object has no attribute 'get'`);
  instance.interrupt(body.prompt_id ? String(body.prompt_id) : undefined);
  return empty();
}

export function history({ instance, query, params: [promptId] }: RouteContext): HttpResponse {
  if (promptId !== undefined) {
    const entry = instance.queue.entry(promptId);
    return json(entry ? { [promptId]: entry } : {});
  }
  const number = (name: string) => (query.has(name) ? Number(toInt(query.get(name))) : undefined);
  return json(Object.fromEntries(instance.queue.history({ maxItems: number('max_items'), offset: number('offset') })));
}

export async function changeHistory(context: RouteContext): Promise<HttpResponse> {
  const body = await readJson(context);
  if (has(body, 'clear') && toBool(body.clear)) context.instance.queue.deleteHistory();
  if (has(body, 'delete')) for (const id of ids(body.delete)) context.instance.queue.deleteHistory(id);
  return empty();
}

export async function free(context: RouteContext): Promise<HttpResponse> {
  const body = await readJson(context);
  if (!isObject(body)) throw new PythonError('AttributeError', `'${typeName(body)}' object has no attribute 'get'`);
  if (toBool(body.free_memory)) context.instance.free();
  return empty();
}

function ids(value: unknown): string[] {
  if (!Array.isArray(value)) throw new PythonError('TypeError', `'${typeName(value)}' object is not iterable`);
  return value.map(String);
}
