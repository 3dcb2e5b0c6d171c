/** Parses the responses of ComfyUI's HTTP routes. Each function returns undefined if the body is not a response of its route. */
import { isObject, isString, type JsonObject, toNumber, toRecord, toStrings, toText } from './json/json.js';
import { parseMessage, toNodeOutput } from './message.js';
import type {
  Device,
  FileType,
  Graph,
  HistoryEntry,
  InputSpec,
  NodeErrors,
  NodeInfo,
  ObjectInfo,
  PromptAccepted,
  PromptRefused,
  Queue,
  QueueItem,
  StatusMessage,
  SystemStats,
  Uploaded,
  ValidationError,
} from './protocol.js';

export function toQueue(body: unknown): Queue | undefined {
  if (!isObject(body)) return undefined;
  const queue_running = toQueueItems(body.queue_running);
  const queue_pending = toQueueItems(body.queue_pending);
  return queue_running && queue_pending && { queue_running, queue_pending };
}

/** Returns null for `{}`, which means that there is no entry. */
export function toHistoryEntry(body: unknown, promptId: string): HistoryEntry | null | undefined {
  if (!isObject(body)) return undefined;
  if (Object.keys(body).length === 0) return null;
  const entry = body[promptId];
  if (!isObject(entry) || !isObject(entry.outputs)) return undefined;
  const status = isObject(entry.status) ? entry.status : {};
  return {
    prompt: toQueueItem(entry.prompt) ?? [0, promptId, {}, {}, []],
    outputs: toRecord(entry.outputs, toNodeOutput),
    status: {
      status_str: status.status_str === 'success' ? 'success' : 'error',
      completed: status.completed === true,
      messages: Array.isArray(status.messages) ? status.messages.flatMap(toStatusMessage) : [],
    },
  };
}

export function toAccepted(body: unknown): PromptAccepted | undefined {
  if (!isObject(body) || !isString(body.prompt_id)) return undefined;
  return { prompt_id: body.prompt_id, number: toNumber(body.number), node_errors: toNodeErrors(body.node_errors) };
}

export function toRefused(body: unknown): PromptRefused | undefined {
  if (!isObject(body) || !isObject(body.error)) return undefined;
  return { error: toValidationError(body.error), node_errors: toNodeErrors(body.node_errors) };
}

export function toSystemStats(body: unknown): SystemStats | undefined {
  if (!isObject(body) || !isObject(body.system) || !Array.isArray(body.devices)) return undefined;
  const { system } = body;
  return {
    system: {
      ...system,
      os: toText(system.os),
      ram_total: toNumber(system.ram_total),
      ram_free: toNumber(system.ram_free),
      comfyui_version: toText(system.comfyui_version),
    },
    devices: body.devices.filter(isObject).map(toDevice),
  };
}

/** Skips classes without inputs or outputs: a custom node may describe itself badly. */
export function toObjectInfo(body: unknown): ObjectInfo | undefined {
  return isObject(body) ? toRecord(body, toNodeInfo) : undefined;
}

export function toUploaded(body: unknown): Uploaded | undefined {
  if (!isObject(body) || !isString(body.name) || !isFileType(body.type)) return undefined;
  return { name: body.name, subfolder: toText(body.subfolder), type: body.type };
}

export const isFileType = (value: unknown): value is FileType =>
  value === 'output' || value === 'temp' || value === 'input';

function toQueueItems(items: unknown): QueueItem[] | undefined {
  if (!Array.isArray(items)) return undefined;
  const read = items.map(toQueueItem);
  // An unreadable item might be the prompt that a caller looks for, so the whole response is unusable.
  return read.every((item) => item !== undefined) ? read : undefined;
}

function toQueueItem(item: unknown): QueueItem | undefined {
  if (!Array.isArray(item)) return undefined;
  const [number, promptId, graph, extraData, outputs]: unknown[] = item;
  if (!isString(promptId)) return undefined;
  return [toNumber(number), promptId, toGraph(graph), isObject(extraData) ? extraData : {}, toStrings(outputs)];
}

function toGraph(graph: unknown): Graph {
  return toRecord(graph, (node) =>
    isObject(node) && isString(node.class_type)
      ? { ...node, class_type: node.class_type, inputs: isObject(node.inputs) ? node.inputs : {} }
      : undefined,
  );
}

function toStatusMessage(message: unknown): StatusMessage[] {
  if (!Array.isArray(message)) return [];
  const read = parseMessage({ type: message[0], data: message[1] });
  switch (read?.type) {
    case 'execution_start':
      return [[read.type, read.data]];
    case 'execution_cached':
      return [[read.type, read.data]];
    case 'execution_success':
      return [[read.type, read.data]];
    case 'execution_error':
      return [[read.type, read.data]];
    case 'execution_interrupted':
      return [[read.type, read.data]];
    default:
      return [];
  }
}

function toNodeErrors(errors: unknown): NodeErrors {
  return toRecord(errors, (node) =>
    isObject(node)
      ? {
          errors: Array.isArray(node.errors) ? node.errors.filter(isObject).map(toValidationError) : [],
          dependent_outputs: toStrings(node.dependent_outputs),
          class_type: toText(node.class_type),
        }
      : undefined,
  );
}

function toValidationError({ type, message, details, extra_info }: JsonObject): ValidationError {
  return {
    type: toText(type),
    message: toText(message),
    details: toText(details),
    extra_info: isObject(extra_info) ? extra_info : {},
  };
}

function toDevice(device: JsonObject): Device {
  return {
    name: toText(device.name),
    type: toText(device.type),
    index: typeof device.index === 'number' ? device.index : null,
    vram_total: toNumber(device.vram_total),
    vram_free: toNumber(device.vram_free),
    torch_vram_total: toNumber(device.torch_vram_total),
    torch_vram_free: toNumber(device.torch_vram_free),
  };
}

function toNodeInfo(info: unknown): NodeInfo | undefined {
  if (!isObject(info) || !isObject(info.input) || !Array.isArray(info.output)) return undefined;
  const { required, optional, hidden } = info.input;
  return {
    ...info,
    name: toText(info.name),
    output: info.output.filter((type) => isString(type) || Array.isArray(type)),
    output_node: info.output_node === true,
    input: {
      ...(isObject(required) && { required: toRecord(required, toInputSpec) }),
      ...(isObject(optional) && { optional: toRecord(optional, toInputSpec) }),
      ...(isObject(hidden) && { hidden }),
    },
  };
}

function toInputSpec(spec: unknown): InputSpec {
  const [type, options]: unknown[] = Array.isArray(spec) ? spec : [spec];
  const readable = isString(type) || Array.isArray(type) ? type : '*';
  return isObject(options) ? [readable, options] : [readable];
}
