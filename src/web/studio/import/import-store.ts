/** What is being imported, for the dialog of the whole page. */
import { useSyncExternalStore } from 'react';

export type ImportSource =
  /** The user has yet to say what. */
  | { kind: 'ask' }
  | { kind: 'file'; file: File }
  | {
      kind: 'document';
      /** The JSON of a workflow, or its text. */
      document: unknown;
      /** Proposed for saving it; empty if there is none. */
      name: string;
      /** For inputs of the graph, by `nodeId.input`. */
      values?: Record<string, unknown>;
    };

let current: ImportSource | undefined;
const listeners = new Set<() => void>();

function change(next: ImportSource | undefined): void {
  current = next;
  for (const listener of listeners) listener();
}

export const startImport = (source: ImportSource): void => change(source);
export const endImport = (): void => change(undefined);

const subscribe = (listener: () => void) => {
  listeners.add(listener);
  return () => void listeners.delete(listener);
};

export const useImport = (): ImportSource | undefined => useSyncExternalStore(subscribe, () => current);
