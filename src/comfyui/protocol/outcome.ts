/** The outcome and the files of a prompt, from its history entry. */
import { isObject, isString, toText } from './json/json.js';
import type { ExecutionError, FileItem, HistoryEntry, NodeId, NodeOutput, StatusMessage } from './protocol.js';
import { isFileType } from './responses.js';

export type Outcome = {
  outcome: 'success' | 'error' | 'interrupted';
  outputs: Record<NodeId, NodeOutput>;
  /** If a node failed. Contains server paths and parts of the prompt: for operators only. */
  error?: ExecutionError;
  /** If it succeeded or a node failed: how long the prompt executed, by ComfyUI's clock. */
  executedMs?: number;
};

/**
 * Derives the outcome from the last status message. `status_str` counts only if there is no message: ComfyUI does not reset it between
 * prompts, and for a cycle that it finds at run time it keeps the value of the node before (execution.py, 0.3.64).
 */
export function outcomeOf({ outputs, status }: HistoryEntry): Outcome {
  const last = status.messages.at(-1);
  switch (last?.[0]) {
    case 'execution_success':
      return { outcome: 'success', outputs, ...executed(status.messages, last[1]) };
    case 'execution_error':
      return { outcome: 'error', outputs, error: last[1], ...executed(status.messages, last[1]) };
    case 'execution_interrupted':
      return { outcome: 'interrupted', outputs };
    default:
      return { outcome: status.completed && status.status_str === 'success' ? 'success' : 'error', outputs };
  }
}

function executed(messages: StatusMessage[], { timestamp }: { timestamp?: number }): { executedMs?: number } {
  const start = messages.find(([type]) => type === 'execution_start')?.[1];
  const began = start && 'timestamp' in start ? start.timestamp : undefined;
  // A message without a timestamp has 0.
  return began && timestamp ? { executedMs: timestamp - began } : {};
}

/** The files of a node's output, under any key: custom nodes use their own. Skips items that are not files. */
export function filesOf(output: NodeOutput): FileItem[] {
  return Object.values(output)
    .flat()
    .flatMap((item) =>
      isObject(item) && isString(item.filename) && isFileType(item.type)
        ? [{ filename: item.filename, subfolder: toText(item.subfolder), type: item.type }]
        : [],
    );
}
