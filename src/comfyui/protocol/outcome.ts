/** What became of a prompt, and which files it made, from its history entry. */

import { isObject, isString, toText } from './json.js';
import type { ExecutionError, FileItem, HistoryEntry, NodeId, NodeOutput, StatusMessage } from './protocol.js';
import { isFileType } from './responses.js';

export type Outcome = {
  outcome: 'success' | 'error' | 'interrupted';
  outputs: Record<NodeId, NodeOutput>;
  /** Where a node failed. Holds server paths and parts of the prompt: for operators. */
  error?: ExecutionError;
  /** Where a node failed: for how long the prompt had been executing, by ComfyUI's clock. */
  failedAfterMs?: number;
};

/**
 * Judged by the last status message: ComfyUI does not reset `status_str` between prompts, and files a cycle that it meets at run
 * time under the word of the node before (execution.py, 0.3.64). Only where there is no message does the word count.
 */
export function outcomeOf({ outputs, status }: HistoryEntry): Outcome {
  const last = status.messages.at(-1);
  switch (last?.[0]) {
    case 'execution_success':
      return { outcome: 'success', outputs };
    case 'execution_error':
      return { outcome: 'error', outputs, error: last[1], ...lasted(status.messages, last[1]) };
    case 'execution_interrupted':
      return { outcome: 'interrupted', outputs };
    default:
      return { outcome: status.completed && status.status_str === 'success' ? 'success' : 'error', outputs };
  }
}

function lasted(messages: StatusMessage[], { timestamp }: ExecutionError): { failedAfterMs?: number } {
  const start = messages.find(([type]) => type === 'execution_start')?.[1];
  const began = start && 'timestamp' in start ? start.timestamp : undefined;
  // A message without a time has 0.
  return began && timestamp ? { failedAfterMs: timestamp - began } : {};
}

/** The files that a node shows, under whatever key: custom nodes use keys of their own. Items that are no files are skipped. */
export function filesOf(output: NodeOutput): FileItem[] {
  return Object.values(output)
    .flat()
    .flatMap((item) =>
      isObject(item) && isString(item.filename) && isFileType(item.type)
        ? [{ filename: item.filename, subfolder: toText(item.subfolder), type: item.type }]
        : [],
    );
}
