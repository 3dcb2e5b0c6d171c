/** Answers of the last visit, so that what depends on them has its place before the first answer. */
import { useEffect } from 'react';

const keyOf = (name: string): string => `comfygraph:last:${name}`;

export const remember = (name: string, answer: string): void => localStorage.setItem(keyOf(name), answer);

/** @returns the answer of now, else that of the last visit, else undefined */
export function useRemembered(name: string, answer: string | undefined): string | undefined {
  useEffect(() => {
    if (answer !== undefined) remember(name, answer);
  }, [name, answer]);
  return answer ?? localStorage.getItem(keyOf(name)) ?? undefined;
}
