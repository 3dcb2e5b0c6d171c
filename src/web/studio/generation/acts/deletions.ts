/** Deletions that can be undone: the page hides the generations at once, and sends the request when the time for Undo is over. */
import type { Client } from 'urql';
import { session } from '../../api/account';
import { API_URL } from '../../api/address';
import { type Problem, problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { perClient } from '../../api/per-client';
import { partsOf } from './parts';

const DELETE = graphql(`
  mutation Delete($ids: [ID!]!) {
    deleteGenerations(ids: $ids) { generationId error { code message } }
  }
`);
/** The same for the end of the page, when only a plain request outlives it. */
const DELETE_TEXT = 'mutation Delete($ids: [ID!]!) { deleteGenerations(ids: $ids) { generationId } }';

class Deletions {
  /** Ids that lists must not show. */
  hidden: ReadonlySet<string> = new Set();
  #waiting: readonly string[] = [];
  readonly #listeners = new Set<() => void>();
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Hides the generations until `undo` or `send` is called. @returns how many wait for that now */
  add(ids: readonly string[]): number {
    addEventListener('pagehide', this.#sendAtEnd);
    this.#waiting = [...this.#waiting, ...ids];
    this.#hide([...this.hidden, ...ids]);
    return this.#waiting.length;
  }

  undo(): void {
    this.#show(this.#take());
  }

  /** Does nothing after `undo`. @returns why something was not deleted; it is visible again */
  async send(): Promise<Problem | undefined> {
    const ids = this.#take();
    let problem: Problem | undefined;
    for (const part of partsOf(ids)) problem = (await this.#delete(part)) ?? problem;
    this.#show(ids);
    return problem;
  }

  async #delete(ids: string[]): Promise<Problem | undefined> {
    const { data, error } = await this.#client.mutation(DELETE, { ids });
    // What another tab has deleted is as the user wants it.
    const refused = data?.deleteGenerations?.find((outcome) => outcome.error && outcome.error.code !== 'NOT_FOUND');
    return problemOf(error) ?? (refused?.error ? { ...refused.error, field: undefined } : undefined);
  }

  readonly #sendAtEnd = (): void => {
    const { headers } = session.sign({});
    for (const ids of partsOf(this.#take()))
      void fetch(API_URL, {
        method: 'POST',
        keepalive: true,
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: DELETE_TEXT, variables: { ids } }),
      });
  };

  #take(): readonly string[] {
    const ids = this.#waiting;
    this.#waiting = [];
    removeEventListener('pagehide', this.#sendAtEnd);
    return ids;
  }

  #show(ids: readonly string[]): void {
    this.#hide([...this.hidden].filter((id) => !ids.includes(id)));
  }

  #hide(hidden: string[]): void {
    this.hidden = new Set(hidden);
    for (const listener of this.#listeners) listener();
  }
}

export const useDeletions = perClient((client) => new Deletions(client));
