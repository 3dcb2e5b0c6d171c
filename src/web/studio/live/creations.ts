/** Generations that the user has asked for and the server has not answered yet. */
import { useSyncExternalStore } from 'react';
import { perClient } from '../api/per-client';
import { uniqueKey } from '../api/unique-key';

export type Creation = { key: string; prompt: string; createdAt: string };

class Creations {
  /** Newest first. */
  underWay: readonly Creation[] = [];
  #unanswered: { input: string; key: string }[] = [];
  readonly #listeners = new Set<() => void>();

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** @returns the idempotency key: that of an earlier call with this input that got no response, else a new one */
  start(prompt: string, input: string): string {
    const earlier = this.#unanswered.find((one) => one.input === input);
    this.#unanswered = this.#unanswered.filter((one) => one !== earlier);
    const key = earlier?.key ?? uniqueKey();
    this.#set([{ key, prompt, createdAt: new Date().toISOString() }, ...this.underWay]);
    return key;
  }

  end(key: string): void {
    this.#set(this.underWay.filter((creation) => creation.key !== key));
  }

  /** It ended without a response: the server may have created the generation, and must not create it twice. */
  endUnanswered(key: string, input: string): void {
    this.#unanswered.push({ input, key });
    this.end(key);
  }

  #set(underWay: Creation[]): void {
    this.underWay = underWay;
    for (const listener of this.#listeners) listener();
  }
}

export const useCreations = perClient(() => new Creations());

export function useUnderWay(): readonly Creation[] {
  const creations = useCreations();
  return useSyncExternalStore(creations.subscribe, () => creations.underWay);
}
