/**
 * The loaded part of a filtered list of generations. Each page is a query of its own, which the cache keeps right under live
 * changes (see api/cache/lists.ts). Only the pages near the window are watched: after each response the cache reads all watched queries
 * again that share a workflow or a model with it, and that would be every page.
 */
import type { Client, RequestPolicy } from 'urql';
import { type Problem, problemOf } from '../../api/errors';
import type { ResultOf, VariablesOf } from '../../api/graphql';
import type { Change } from '../../api/live';
import type { Card } from '../../generation/fragments';
import { PAGE } from './documents';
import { Entries } from './entries';

const PAGE_SIZE = 50;
/** The addresses of images are good for a day at least. */
const MAX_AGE_MS = 12 * 3_600_000;

type Variables = Pick<VariablesOf<typeof PAGE>, 'filter' | 'orderBy'>;
type Content = NonNullable<ResultOf<typeof PAGE>['generations']>;
type Page = { after: string | null; content: Content | undefined; stop: (() => void) | undefined };

export type Snapshot = {
  items: readonly Card[];
  /** Whether the first page has arrived. */
  isReady: boolean;
  isLoading: boolean;
  hasMore: boolean;
  problem: Problem | undefined;
};
const EMPTY: Snapshot = { items: [], isReady: false, isLoading: true, hasMore: false, problem: undefined };

export class GalleryList {
  #pages: Page[] = [];
  #snapshot: Snapshot = EMPTY;
  readonly #entries = new Entries<Card>();
  #problem: Problem | undefined;
  #isReading = false;
  #isOld = false;
  #readAt = Date.now();
  /** The shown entries: from the first, before the end. */
  #window = { first: 0, end: PAGE_SIZE };
  #depth = 0;
  readonly #listeners = new Set<() => void>();
  readonly #client: Client;
  readonly #variables: Variables;

  constructor(client: Client, variables: Variables) {
    this.#client = client;
    this.#variables = variables;
  }

  /** For `useSyncExternalStore`. The list reads while it has listeners, and keeps its pages in between. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#start();
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) for (const page of this.#pages) unwatch(page);
    };
  };

  readonly get = (): Snapshot => this.#snapshot;

  /** Call it with the entries that are shown. */
  show(first: number, end: number): void {
    this.#window = { first, end };
    this.#update(() => this.#watchShown());
  }

  loadMore(): void {
    const info = this.#pages.at(-1)?.content?.pageInfo;
    if (info?.hasNextPage && !this.#isReading) this.#append(info.endCursor, 'network-only');
  }

  /** Asks again for what has failed. */
  retry(): void {
    this.#problem = undefined;
    const last = this.#pages.at(-1);
    if (!last || last.content) return void this.reread();
    unwatch(last);
    this.#pages.pop();
    this.#append(last.after, 'network-only');
  }

  /** Reads the list again if the addresses of its images may have expired. */
  refresh(): void {
    if (Date.now() - this.#readAt > MAX_AGE_MS) void this.reread();
  }

  /** Takes a live change over into the pages that are not watched. The cache must have it. */
  apply({ kind, generationId: id, generation }: Change): void {
    const { status, isFavorite } = this.#variables.filter ?? {};
    // Progress moves nothing.
    if (kind === 'UPDATED' && status == null && isFavorite == null) return;
    const changed = this.#pages.filter(
      (page, at) =>
        page.content &&
        !page.stop &&
        (page.content.nodes.some((node) => node.id === id) || (generation && this.#hasPlace(at, generation.createdAt))),
    );
    if (changed.length === 0) return;
    this.#update(() => {
      for (const page of changed)
        this.#receive(page, this.#client.readQuery(PAGE, this.#variablesAt(page.after))?.data?.generations);
    });
  }

  /**
   * Reads the loaded part again, page by page, and shows it as a whole: a page alone would lose or repeat generations where it
   * meets the next one.
   */
  async reread(): Promise<void> {
    if (this.#listeners.size === 0) {
      this.#isOld = true;
      return;
    }
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readAt = Date.now();
    const count = this.#snapshot.items.length;
    const pages: Page[] = [];
    let after: string | null | undefined = null;
    let problem: Problem | undefined;
    for (let read = 0; after !== undefined && (pages.length === 0 || read < count); ) {
      const { data, error } = await this.#client
        .query(PAGE, this.#variablesAt(after), { requestPolicy: 'network-only' })
        .toPromise();
      problem = problemOf(error);
      const content: Content | null | undefined = data?.generations;
      if (!content) break;
      pages.push({ after, content, stop: undefined });
      read += content.nodes.length;
      after = content.pageInfo.hasNextPage ? content.pageInfo.endCursor : undefined;
    }
    this.#isReading = false;
    this.#problem = problem;
    this.#update(() => {
      if (!problem) this.#replace(pages);
    });
  }

  #start(): void {
    // What the cache has of it is better than nothing, and all there is without a network.
    if (this.#pages.length === 0) this.#append(null, 'cache-and-network');
    else this.#update(() => this.#watchShown());
    if (this.#isOld) void this.reread();
    this.#isOld = false;
  }

  #replace(pages: Page[]): void {
    const old = this.#pages;
    this.#pages = pages;
    if (this.#listeners.size > 0) this.#watchShown();
    for (const page of old) unwatch(page);
  }

  #append(after: string | null, requestPolicy: RequestPolicy): void {
    const page: Page = { after, content: undefined, stop: undefined };
    this.#pages.push(page);
    this.#update(() => this.#watch(page, requestPolicy));
  }

  /** Watches the pages of the shown entries, and one on each side. */
  #watchShown(): void {
    const { first, end } = this.#window;
    let start = 0;
    const isShown = this.#pages.map(({ content }) => {
      const from = start;
      start += content?.nodes.length ?? 0;
      return from < end && start > first;
    });
    for (const [at, page] of this.#pages.entries()) {
      const isNear = isShown[at - 1] || isShown[at] || isShown[at + 1];
      if (!page.content && !page.stop) this.#watch(page, 'network-only');
      else if (isNear && !page.stop) this.#watch(page, 'cache-first');
      else if (!isNear && page.content) unwatch(page);
    }
  }

  #watch(page: Page, requestPolicy: RequestPolicy): void {
    page.stop = () => {};
    const { unsubscribe } = this.#client
      .query(PAGE, this.#variablesAt(page.after), { requestPolicy })
      .subscribe(({ data, error }) => this.#update(() => this.#receive(page, data?.generations, problemOf(error))));
    page.stop = unsubscribe;
  }

  #receive(page: Page, content: Content | null | undefined, problem?: Problem): void {
    if (!this.#pages.includes(page)) return;
    if (content) page.content = content;
    if (content || problem) this.#problem = problem;
  }

  /** Whether a generation of that time belongs to the page. */
  #hasPlace(at: number, createdAt: string): boolean {
    const firstOf = (page: Page | undefined) => page?.content?.nodes[0]?.createdAt;
    const [start, end] = [at === 0 ? undefined : firstOf(this.#pages[at]), firstOf(this.#pages[at + 1])];
    const [oldest, newest] = this.#variables.orderBy?.direction === 'ASC' ? [start, end] : [end, start];
    return (!oldest || createdAt >= oldest) && (!newest || createdAt <= newest);
  }

  #variablesAt(after: string | null) {
    return { first: PAGE_SIZE, after, ...this.#variables };
  }

  /** Whether a page no longer begins where the previous one ends. */
  #isBroken(): boolean {
    return this.#pages.some(({ after }, at) => {
      const previous = this.#pages[at - 1]?.content;
      return previous !== undefined && previous.pageInfo.endCursor !== after;
    });
  }

  /** Tells the listeners once after all of `work`. */
  #update(work: () => void): void {
    this.#depth += 1;
    work();
    this.#depth -= 1;
    if (this.#depth > 0 || (this.#isReading && this.#snapshot.isReady)) return;
    if (this.#isBroken()) return void this.reread();
    const last = this.#pages.at(-1)?.content;
    const next: Snapshot = {
      items: this.#entries.of(this.#pages.map(({ content }) => content?.nodes)),
      isReady: this.#pages[0]?.content !== undefined,
      isLoading: last === undefined && !this.#problem,
      hasMore: last?.pageInfo.hasNextPage ?? false,
      problem: this.#problem,
    };
    if (isSame(this.#snapshot, next)) return;
    this.#snapshot = next;
    for (const listener of this.#listeners) listener();
  }
}

function unwatch(page: Page): void {
  page.stop?.();
  page.stop = undefined;
}

const isSame = (one: Snapshot, other: Snapshot): boolean =>
  one.isReady === other.isReady &&
  one.isLoading === other.isLoading &&
  one.hasMore === other.hasMore &&
  one.problem === other.problem &&
  one.items === other.items;
