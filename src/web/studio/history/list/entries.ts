/**
 * The entries of all pages of a list, each once. There may be thousands, and most calls change none, or one that stays in its place: then
 * the array stays the same, or is made without a look for what is there twice.
 */
type Pages<Entry> = readonly (readonly Entry[] | undefined)[];

export class Entries<Entry extends { id: string }> {
  #pages: Pages<Entry> = [];
  #entries: readonly Entry[] = [];
  #isUnique = true;

  of(pages: Pages<Entry>): readonly Entry[] {
    if (isSame(pages, this.#pages)) return this.#entries;
    const all = pages.flatMap((page) => page ?? []);
    const next = this.#isUnique && haveSameIds(pages, this.#pages) ? all : unique(all);
    this.#isUnique = next.length === all.length;
    this.#pages = pages;
    if (!isSame(next, this.#entries)) this.#entries = next;
    return this.#entries;
  }
}

const isSame = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one.length === other.length && one.every((each, at) => each === other[at]);

const haveSameIds = <Entry extends { id: string }>(one: Pages<Entry>, other: Pages<Entry>): boolean =>
  one.length === other.length && one.every((page, at) => page === other[at] || isSame(idsOf(page), idsOf(other[at])));

const idsOf = (page: readonly { id: string }[] | undefined): string[] => page?.map(({ id }) => id) ?? [];

function unique<Entry extends { id: string }>(entries: Entry[]): Entry[] {
  const known = new Set<string>();
  return entries.filter(({ id }) => known.size !== known.add(id).size);
}
