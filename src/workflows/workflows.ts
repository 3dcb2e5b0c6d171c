/** The registry of workflows: combines the sources of workflows that a user may use. */
import type { Workflow } from './workflow.js';

/** Without a version, the newest one. */
export type WorkflowReference = { userId: string; name: string; version?: number };

export interface WorkflowSource {
  /** The newest version of each workflow that the user may use. */
  list(userId: string): Promise<readonly Workflow[]>;

  /** In the order of the references; undefined for an unknown workflow. */
  findMany(references: readonly WorkflowReference[]): Promise<readonly (Workflow | undefined)[]>;

  findById(userId: string, id: string): Promise<Workflow | undefined>;
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
    return (await this.findMany([reference]))[0];
  }

  async findMany(references: readonly WorkflowReference[]): Promise<readonly (Workflow | undefined)[]> {
    const found = await this.#ask((source) => source.findMany(references));
    return references.map((_, index) => found.map((each) => each[index]).find((workflow) => workflow !== undefined));
  }

  async findById(userId: string, id: string): Promise<Workflow | undefined> {
    return (await this.#ask((source) => source.findById(userId, id))).find((workflow) => workflow !== undefined);
  }

  #ask<Result>(read: (source: WorkflowSource) => Promise<Result>): Promise<Result[]> {
    return Promise.all(this.sources.map(read));
  }
}
