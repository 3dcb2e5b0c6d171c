/** Edited forms that are not saved yet. They are kept while the user is in another room. */
import { perClient } from '../../api/per-client';
import type { Draft } from '../draft';
import type { WorkflowForm } from './form';

type Unsaved = {
  /** The import that the editor shows as the new workflow. */
  imported: { draft: Draft; form: WorkflowForm } | undefined;
  /** Changed forms, by the id of their workflow; that of a new one is empty. */
  forms: Map<string, WorkflowForm>;
};

export const useUnsaved = perClient((): Unsaved => ({ imported: undefined, forms: new Map() }));
