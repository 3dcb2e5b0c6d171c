/**
 * Which state of each generation the lists in the cache have. Its place depends on nothing that progress changes, and to look for it in
 * 10,000 entries takes longer than all else that a step of progress brings about.
 */

/** What tells two states of a generation apart. */
export type Entry = { id: string; revision: number };
/** A live change: null for what was deleted, or is a gap. */
export type Change = { kind: string; generationId: string | null; generation: Entry | null };

export class Placed {
  readonly #revisions = new Map<string, number>();

  has({ id, revision }: Entry): boolean {
    return this.#revisions.get(id) === revision;
  }

  add({ id, revision }: Entry): void {
    this.#revisions.set(id, revision);
  }

  /** Call it when the cache takes lists from a response that is older than the last change of this generation. */
  forget(id: string): void {
    this.#revisions.delete(id);
  }
}
