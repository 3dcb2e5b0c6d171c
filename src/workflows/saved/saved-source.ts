/** Saved workflows as a source of the registry. */
import DataLoader from 'dataloader';
import { validate as isUuid } from 'uuid';
import type { SqlRunner } from '../../db/reads.js';
import type { Workflow } from '../workflow.js';
import type { RecordedWorkflow, WorkflowReference, WorkflowSource } from '../workflows.js';
import { buildGraph } from './build.js';
import { isName } from './names.js';
import { findSaved, listSaved, readSaved, type SavedRow } from './saved-rows.js';

export class SavedSource implements WorkflowSource {
  #running: Promise<unknown> = Promise.resolve();
  /** Every new generation looks for a name: those that arrive while one statement runs share the next. */
  readonly #finds = new DataLoader<WorkflowReference, Workflow | undefined>(
    (references) => {
      const found = this.#find(references);
      this.#running = found.catch(() => {});
      return found;
    },
    { cache: false, maxBatchSize: 100, batchScheduleFn: (dispatch) => void this.#running.then(dispatch) },
  );

  constructor(private readonly reads: SqlRunner) {}

  async list(userId: string): Promise<readonly Workflow[]> {
    return (await listSaved(this.reads, userId)).map(toWorkflow);
  }

  async find(reference: WorkflowReference): Promise<Workflow | undefined> {
    return isName(reference.name) ? await this.#finds.load(reference) : undefined;
  }

  async findRecorded(records: readonly RecordedWorkflow[]): Promise<readonly (Workflow | undefined)[]> {
    const ids = [...new Set(records.flatMap(({ id }) => id ?? []))];
    const rows = ids.length === 0 ? [] : await readSaved(this.reads, ids);
    const found = new Map(rows.map((row) => [row.id, toWorkflow(row)]));
    return records.map(({ id }) => (id === null ? undefined : found.get(id)));
  }

  async findById(id: string): Promise<Workflow | undefined> {
    const [row] = isUuid(id) ? await readSaved(this.reads, [id]) : [];
    return row && toWorkflow(row);
  }

  async #find(references: readonly WorkflowReference[]): Promise<(Workflow | undefined)[]> {
    const found: (Workflow | undefined)[] = references.map(() => undefined);
    for (const { nth, ...row } of await findSaved(this.reads, references)) found[nth - 1] = toWorkflow(row);
    return found;
  }
}

export function toWorkflow({ graph, inputs, outputs, title, description, ...row }: SavedRow): Workflow {
  const { id, name, version, ...saved } = row;
  const places = new Map(inputs.map((input) => [input.name, input.places]));
  return {
    id,
    name,
    version,
    ...(title !== null && { title }),
    ...(description !== null && { description }),
    inputs,
    outputs,
    build: (values, filenamePrefix) => buildGraph(graph, inputs, values, filenamePrefix),
    saved: { ...saved, graph, places },
  };
}
