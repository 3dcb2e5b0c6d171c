/** Turns ComfyUI's errors into failures: our codes, and messages without its paths and tracebacks. */
import { classifyError, type ExecutionError, type NodeErrors, type PromptRefusedError } from '../../comfyui/index.js';
import { type Failure, FailureCode } from '../failure.js';

const MAX_MESSAGE_LENGTH = 500;
/** Messages may repeat whole texts of a graph, in which the patterns below would search for minutes. */
const MAX_SEARCHED_LENGTH = 4_000;

/** ComfyUI rejected the graph. */
export function failureOfRejection({ error, nodeErrors }: PromptRefusedError): Failure {
  const [nodeId, node] = firstFault(nodeErrors);
  const fault = node?.errors[0];
  const extra = error.extra_info ?? {};
  const details = [fault?.message ?? error.message, fault?.details ?? error.details].filter(Boolean).join(': ');
  // Older servers name the node of an unknown class only in words: "Node ID '#7'".
  const named = nodeId ?? text(extra.node_id) ?? /Node ID '#(.+)'/.exec(error.details)?.[1];
  return {
    code: FailureCode.INVALID_WORKFLOW,
    message: withoutPaths(`ComfyUI rejected the graph: ${details}`),
    nodeId: named ?? null,
    nodeType: node?.class_type ?? text(extra.class_type) ?? null,
    retryable: false,
  };
}

/** A node raised an error. */
export function failureOfError(error: ExecutionError): Failure {
  const isOutOfMemory = classifyError(error) === 'OUT_OF_MEMORY';
  return {
    code: isOutOfMemory ? FailureCode.OUT_OF_MEMORY : FailureCode.EXECUTION_ERROR,
    message: isOutOfMemory
      ? 'The backend ran out of memory: try a smaller picture or a smaller batch'
      : withoutPaths(`${error.node_type}: ${error.exception_message.trim()}`),
    nodeId: error.node_id,
    nodeType: error.node_type,
    retryable: isOutOfMemory,
  };
}

const firstFault = (errors: NodeErrors): [string, NodeErrors[string]] | [undefined, undefined] =>
  Object.entries(errors)[0] ?? [undefined, undefined];

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const TRACEBACK = /\s*Traceback \(most recent call last\)[\s\S]*/;
/** A path needs a root and a folder. The closing quote ends a quoted path; white space and punctuation end a bare one. */
const QUOTED_PATH = /(['"])(?:[A-Za-z]:|\\\\)?[\\/][^'"\n]*[\\/][^'"\n]*\1/g;
const BARE_PATH = /(?<![\w/.])(?:[A-Za-z]:\\|\\\\|\/)(?:[^\s'",:;()[\]]+[\\/])+[^\s'",:;()[\]]*/g;

/** Removes absolute paths of the backend, Unix or Windows, and the traceback that some nodes put into their message. */
const withoutPaths = (message: string): string =>
  message
    .slice(0, MAX_SEARCHED_LENGTH)
    .replace(TRACEBACK, '')
    .replace(QUOTED_PATH, '$1…$1')
    .replace(BARE_PATH, '…')
    .slice(0, MAX_MESSAGE_LENGTH);
