/** Forms that are not saved yet. They are kept while the user is in another room, and while the tab loads the page again. */
import { signedIn } from '../api/account';
import { perClient } from '../api/per-client';
import type { Draft } from './draft';
import { formOfDraft, type WorkflowForm } from './editor/form';

/** Stands for the id of a workflow that was never saved. */
export const NEW = '';
const NEW_ADDRESS = '/workflows/new';
const STORED = 'comfygraph:unsaved-workflows';

type Imported = { draft: Draft; title: string };
/** The graph of a saved workflow never changes, and may be large. */
type EditedForm = Omit<WorkflowForm, 'graph'>;
type Edited = { address: string; form: EditedForm };
type Stored = { userId: string | undefined; imported: Imported | undefined; edited: [id: string, Edited][] };

export type UnsavedWorkflow = { id: string; title: string; address: string };

class Unsaved {
  /** The import that the editor shows as the new workflow. */
  #imported: Imported | undefined;
  /** By the id of their workflow. */
  readonly #edited: Map<string, Edited>;

  constructor() {
    const stored = readStored();
    this.#imported = stored?.imported;
    this.#edited = new Map(stored?.edited);
    const end = new AbortController();
    const options = { signal: end.signal };
    addEventListener('pagehide', () => this.#store(), options);
    document.addEventListener('visibilitychange', () => this.#store(), options);
    // What the tab cannot keep is lost with the page: only then the browser asks.
    addEventListener('beforeunload', (event) => !this.#store() && event.preventDefault(), options);
    // They are not for the next user.
    const stop = signedIn.subscribe(() => {
      end.abort();
      stop();
      sessionStorage.removeItem(STORED);
    });
  }

  /** @returns the form as the user left it, without its graph; undefined if it was not changed */
  formOf = (id: string): EditedForm | undefined => this.#edited.get(id)?.form;

  get imported(): Imported | undefined {
    return this.#imported;
  }

  import(imported: Imported): void {
    this.delete(NEW);
    this.#imported = imported;
  }

  change(id: string, { graph: _, ...form }: WorkflowForm, address = NEW_ADDRESS): void {
    this.#edited.set(id, { address, form });
  }

  /** Takes back the changes of a form. */
  discard(id: string): void {
    this.#edited.delete(id);
  }

  /** Forgets a form and its import: it is saved, or not wanted. */
  delete(id: string): void {
    this.#edited.delete(id);
    if (id === NEW) this.#imported = undefined;
  }

  list(): UnsavedWorkflow[] {
    const imported = this.#imported && formOfDraft(this.#imported.draft, this.#imported.title);
    const changed = [...this.#edited].map(([id, { form, address }]) => ({ id, address, title: titleOf(form) }));
    if (!imported || this.#edited.has(NEW)) return changed;
    return [{ id: NEW, address: NEW_ADDRESS, title: titleOf(imported) }, ...changed];
  }

  /** @returns false if there was no room */
  #store(): boolean {
    try {
      if (!this.#imported && this.#edited.size === 0) sessionStorage.removeItem(STORED);
      else {
        const stored: Stored = { userId: signedIn.get(), imported: this.#imported, edited: [...this.#edited] };
        sessionStorage.setItem(STORED, JSON.stringify(stored));
      }
      return true;
    } catch {
      return false;
    }
  }
}

const titleOf = ({ title, name }: EditedForm): string => title || name;

/** Another page of this server may have stored it. */
function readStored(): Stored | undefined {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED) ?? 'null') as Stored | null;
    return stored?.userId === signedIn.get() ? (stored ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

export const useUnsaved = perClient(() => new Unsaved());
