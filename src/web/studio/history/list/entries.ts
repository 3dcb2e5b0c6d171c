/** The entries of all pages of a list, each once. There may be thousands, and most calls change none: then the array stays the same, too. */
export class Entries<Entry extends { id: string }> {
  #pages: readonly (readonly Entry[] | undefined)[] = [];
  #entries: readonly Entry[] = [];

  of(pages: readonly (readonly Entry[] | undefined)[]): readonly Entry[] {
    if (isSame(pages, this.#pages)) return this.#entries;
    this.#pages = pages;
    const next = unique(pages.flatMap((page) => page ?? []));
    if (!isSame(next, this.#entries)) this.#entries = next;
    return this.#entries;
  }
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at]);

function unique<Entry extends { id: string }>(entries: Entry[]): Entry[] {
  const known = new Set<string>();
  return entries.filter(({ id }) => known.size !== known.add(id).size);
}
