/** The registry of workflows: combines the sources of workflows that a user may use. */
import type { Workflow } from './workflow.js';

/** Without a version, the newest one. */
export type WorkflowReference = { userId: string; name: string; version?: number | null };

/** The version that a generation remembers: by its id if it was saved, else by name and version. */
export type RecordedWorkflow = { id: string | null; name: string; version: number };

export interface WorkflowSource {
  /** The newest version of each listed workflow that the user may use. */
  list(userId: string): Promise<readonly Workflow[]>;

  find(reference: WorkflowReference): Promise<Workflow | undefined>;

  /** In the order of the records; undefined for an unknown workflow. Finds deleted versions, too, and those that are no longer shared. */
  findRecorded(records: readonly RecordedWorkflow[]): Promise<readonly (Workflow | undefined)[]>;

  /** For every user: the caller checks who may use it. */
  findById(id: string): Promise<Workflow | undefined>;
}

export class Workflows implements WorkflowSource {
  /** @param sources if two have a workflow of the same name, the first one wins */
  constructor(private readonly sources: readonly WorkflowSource[]) {}

  async list(userId: string): Promise<readonly Workflow[]> {
    const byName = new Map<string, Workflow>();
    for (const workflow of (await this.#ask((source) => source.list(userId))).flat())
      if (!byName.has(workflow.name)) byName.set(workflow.name, workflow);
    return [...byName.values()];
  }

  async find(reference: WorkflowReference): Promise<Workflow | undefined> {
    return firstOf(await this.#ask((source) => source.find(reference)));
  }

  async findRecorded(records: readonly RecordedWorkflow[]): Promise<readonly (Workflow | undefined)[]> {
    const found = await this.#ask((source) => source.findRecorded(records));
    return records.map((_, index) => firstOf(found.map((each) => each[index])));
  }

  async findById(id: string): Promise<Workflow | undefined> {
    return firstOf(await this.#ask((source) => source.findById(id)));
  }

  #ask<Result>(read: (source: WorkflowSource) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.sources.map(read));
  }
}

const firstOf = (found: readonly (Workflow | undefined)[]): Workflow | undefined =>
  found.find((workflow) => workflow !== undefined);
