/** Parses the text messages of ComfyUI's socket. Skips unknown types, which newer versions may send. */
import {
  isNumber,
  isObject,
  isString,
  type JsonObject,
  parseJson,
  toNumber,
  toRecord,
  toStrings,
  toText,
} from './json/json.js';
import type { ExecutionError, ExecutionInterrupted, NodeOutput, NodeProgress, SocketMessage } from './protocol.js';

/** Takes text or parsed JSON. Returns undefined if it is malformed or of an unknown type. Never throws. */
export function parseMessage(data: unknown): SocketMessage | undefined {
  const value = isString(data) ? parseJson(data) : data;
  if (!isObject(value) || !isString(value.type) || !isObject(value.data)) return undefined;
  return parseData(value.type, value.data);
}

/** The id of the prompt that a message is about. Some messages have none, such as `executing` after a reconnect. */
export function promptIdOf(message: SocketMessage): string | undefined {
  return 'prompt_id' in message.data && isString(message.data.prompt_id) ? message.data.prompt_id : undefined;
}

/** Whether the message reports the end of its prompt. An error of type `ExecutionBlocked` only ends one branch. */
export function isLast(message: SocketMessage): boolean {
  if (message.type === 'executing') return message.data.node === null;
  if (message.type === 'execution_error') return message.data.exception_type !== 'ExecutionBlocked';
  return message.type === 'execution_success' || message.type === 'execution_interrupted';
}

export const toNodeOutput = (value: unknown): NodeOutput =>
  toRecord(value, (items) => (Array.isArray(items) ? items : undefined));

function parseData(type: string, data: JsonObject): SocketMessage | undefined {
  if (type === 'status') return parseStatus(data);
  if (type === 'feature_flags') return { type, data };
  if (type === 'executing') return parseExecuting(data);
  const { prompt_id } = data;
  if (!isString(prompt_id)) return undefined;
  const timestamp = toNumber(data.timestamp);
  switch (type) {
    case 'execution_start':
    case 'execution_success':
      return { type, data: { prompt_id, timestamp } };
    case 'execution_cached':
      return { type, data: { prompt_id, timestamp, nodes: toStrings(data.nodes) } };
    case 'execution_interrupted':
      return { type, data: toInterrupted(prompt_id, data) };
    case 'execution_error':
      return { type, data: toExecutionError(prompt_id, data) };
    case 'progress_state':
      return { type, data: { prompt_id, nodes: toRecord(data.nodes, (node) => toNodeProgress(prompt_id, node)) } };
    case 'progress': {
      const { node, value, max } = data;
      if (!isString(node) || !isNumber(value) || !isNumber(max)) return undefined;
      return { type, data: { prompt_id, node, value, max } };
    }
    case 'executed': {
      const { node, display_node, output } = data;
      if (!isString(node)) return undefined;
      const shown = isString(display_node) ? display_node : node;
      return {
        type,
        data: { prompt_id, node, display_node: shown, output: isObject(output) ? toNodeOutput(output) : null },
      };
    }
    default:
      return undefined;
  }
}

function parseStatus({ status, sid }: JsonObject): SocketMessage | undefined {
  if (!isObject(status) || !isObject(status.exec_info) || !isNumber(status.exec_info.queue_remaining)) return undefined;
  const data = { status: { exec_info: { queue_remaining: status.exec_info.queue_remaining } } };
  return { type: 'status', data: isString(sid) ? { ...data, sid } : data };
}

function parseExecuting({ node, display_node, prompt_id }: JsonObject): SocketMessage | undefined {
  if (node !== null && !isString(node)) return undefined;
  return {
    type: 'executing',
    data: { node, ...(isString(display_node) && { display_node }), ...(isString(prompt_id) && { prompt_id }) },
  };
}

function toNodeProgress(prompt_id: string, node: unknown): NodeProgress | undefined {
  if (!isObject(node) || !isNumber(node.value) || !isNumber(node.max) || !isString(node.node_id)) return undefined;
  const { value, max, node_id, display_node_id, parent_node_id, real_node_id, state } = node;
  return {
    value,
    max,
    node_id,
    prompt_id,
    state: state === 'finished' || state === 'pending' || state === 'error' ? state : 'running',
    display_node_id: isString(display_node_id) ? display_node_id : node_id,
    parent_node_id: isString(parent_node_id) ? parent_node_id : null,
    real_node_id: isString(real_node_id) ? real_node_id : node_id,
  };
}

function toInterrupted(prompt_id: string, data: JsonObject): ExecutionInterrupted {
  return {
    prompt_id,
    node_id: toText(data.node_id),
    node_type: toText(data.node_type),
    executed: toStrings(data.executed),
    timestamp: toNumber(data.timestamp),
  };
}

function toExecutionError(prompt_id: string, data: JsonObject): ExecutionError {
  return {
    prompt_id,
    node_id: toText(data.node_id),
    node_type: toText(data.node_type),
    executed: toStrings(data.executed),
    exception_message: toText(data.exception_message),
    exception_type: toText(data.exception_type),
    traceback: toStrings(data.traceback),
    ...(isObject(data.current_inputs) && { current_inputs: data.current_inputs }),
    ...(Array.isArray(data.current_outputs) && { current_outputs: toStrings(data.current_outputs) }),
    ...(isNumber(data.timestamp) && { timestamp: data.timestamp }),
  };
}
