/** What became of a prompt, and which files it made, from its history entry. */
import { isFileType } from './answers.js';
import { isObject, isString, toText } from './json.js';
import type { ExecutionError, FileItem, HistoryEntry, NodeId, NodeOutput } from './protocol.js';

export type Outcome = {
  outcome: 'success' | 'error' | 'interrupted';
  outputs: Record<NodeId, NodeOutput>;
  /** Where a node failed. Holds server paths and parts of the prompt: for operators. */
  error?: ExecutionError;
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
      return { outcome: 'error', outputs, error: last[1] };
    case 'execution_interrupted':
      return { outcome: 'interrupted', outputs };
    default:
      return { outcome: status.completed && status.status_str === 'success' ? 'success' : 'error', outputs };
  }
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
