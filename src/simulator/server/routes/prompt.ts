/** `POST /prompt` and what can be done to prompts afterwards: look, delete, interrupt. */
import { randomUUID } from 'node:crypto';
import type { Graph, QueueItem } from '../../../comfyui/protocol/protocol.js';
import { isObject } from '../../python/json.js';
import { PythonError, text, toBool, toFloat, toInt, typeName } from '../../python/python.js';
import { isSince } from '../../version.js';
import { type Answer, type Exchange, empty, has, json, readJson } from './route.js';

const LOWERCASE_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_NEEDED =
  'prompt_id must be a UUID string in canonical lowercase hyphenated form; omit it to let the server generate one';

export function remaining({ life }: Exchange): Answer {
  return json({ exec_info: { queue_remaining: life.queue.remaining } });
}

/** Everything up to the answer is done in one go: events come after it. */
export async function submit(exchange: Exchange): Promise<Answer> {
  const { life } = exchange;
  const body = await readJson(exchange);
  const number = has(body, 'number') ? toFloat(body.number) : life.nextNumber(has(body, 'front') && toBool(body.front));
  const refuse = (type: string, message: string, details: string) =>
    json({ error: { type, message, details, extra_info: {} }, node_errors: {} }, 400);
  if (!has(body, 'prompt')) return refuse('no_prompt', 'No prompt provided', 'No prompt provided');

  const isOld = life.shelf.version === '0.3.64';
  const takesOnlyUuids = isSince('0.24', life.shelf.version);
  const { ignoresPromptIds } = life.world.settings;
  const wanted = Object.hasOwn(body, 'prompt_id') && !ignoresPromptIds ? body.prompt_id : undefined;
  if (
    takesOnlyUuids &&
    wanted !== undefined &&
    wanted !== null &&
    !(typeof wanted === 'string' && LOWERCASE_UUID.test(wanted))
  ) {
    return refuse('invalid_prompt_id', 'prompt_id must be a valid UUID', UUID_NEEDED);
  }
  // Older ones take anything as text, null too.
  const promptId = wanted === undefined || (wanted === null && takesOnlyUuids) ? randomUUID() : text(wanted);
  const verdict = life.validate(body.prompt, body.partial_execution_targets);
  const extraData = extraDataOf(body, isOld);
  if (!verdict.ok) return json({ error: verdict.error, node_errors: verdict.nodeErrors }, 400);

  life.world.journal.note('received', promptId);
  const item = [number, promptId, body.prompt as Graph, extraData, verdict.roots] as unknown as QueueItem;
  life.queue.put(item);
  return json({ prompt_id: promptId, number, node_errors: verdict.nodeErrors });
}

/** Null stays null where the old one lets it through: it ends the worker. */
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

export function queue({ life }: Exchange): Answer {
  const shown = (items: QueueItem[]) =>
    items.map((item) => (life.shelf.version === '0.3.64' ? item : withoutSecrets(item)));
  return json({ queue_running: shown(life.queue.running), queue_pending: shown(life.queue.pending) });
}

function withoutSecrets([number, id, prompt, extraData, roots]: QueueItem): QueueItem {
  const { auth_token_comfy_org, api_key_comfy_org, ...rest } = extraData;
  return [number, id, prompt, rest, roots];
}

export async function changeQueue(exchange: Exchange): Promise<Answer> {
  const { life } = exchange;
  const body = await readJson(exchange);
  if (has(body, 'clear') && toBool(body.clear)) {
    for (const item of life.queue.pending) life.world.journal.note('deleted', item[1]);
    life.queue.clear();
  }
  if (has(body, 'delete')) {
    for (const id of ids(body.delete)) if (life.queue.delete(id)) life.world.journal.note('deleted', id);
  }
  return empty();
}

export async function interrupt(exchange: Exchange): Promise<Answer> {
  const { life } = exchange;
  const body: unknown = await readJson(exchange).catch((error: unknown) => {
    if (error instanceof SyntaxError) return {};
    throw error;
  });
  if (!isObject(body)) throw new PythonError('AttributeError', `'${typeName(body)}' object has no attribute 'get'`);
  life.interrupt(body.prompt_id ? String(body.prompt_id) : undefined);
  return empty();
}

export function history({ life, query, params: [promptId] }: Exchange): Answer {
  if (promptId !== undefined) {
    const entry = life.queue.entry(promptId);
    return json(entry ? { [promptId]: entry } : {});
  }
  const number = (name: string) => (query.has(name) ? Number(toInt(query.get(name))) : undefined);
  return json(Object.fromEntries(life.queue.history({ maxItems: number('max_items'), offset: number('offset') })));
}

export async function changeHistory(exchange: Exchange): Promise<Answer> {
  const body = await readJson(exchange);
  if (has(body, 'clear') && toBool(body.clear)) exchange.life.queue.forget();
  if (has(body, 'delete')) for (const id of ids(body.delete)) exchange.life.queue.forget(id);
  return empty();
}

export async function free(exchange: Exchange): Promise<Answer> {
  const body = await readJson(exchange);
  if (!isObject(body)) throw new PythonError('AttributeError', `'${typeName(body)}' object has no attribute 'get'`);
  if (toBool(body.free_memory)) exchange.life.free();
  return empty();
}

function ids(value: unknown): string[] {
  if (!Array.isArray(value)) throw new PythonError('TypeError', `'${typeName(value)}' object is not iterable`);
  return value.map(String);
}
