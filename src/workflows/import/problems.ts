/** Collects the problems of one import, each once. */
import { MAX_PROBLEMS } from './bounds.js';
import type { Problem, ProblemCode } from './draft.js';

/** The node that a problem is about. */
export type Subject = { id: string; type: string; title?: string | undefined };

export class Problems {
  readonly #found = new Map<string, Problem>();
  #count = 0;

  add(code: ProblemCode, message: string, subject?: Subject): void {
    this.#count += 1;
    if (this.#found.size >= MAX_PROBLEMS) return;
    const where = subject && `Node ${short(subject.id)} (${short(subject.title ?? subject.type)}): `;
    const text = `${where ?? ''}${message}`;
    this.#found.set(`${code} ${text}`, {
      code,
      ...(subject && { nodeId: subject.id, nodeType: short(subject.type) }),
      ...(subject?.title !== undefined && { nodeTitle: short(subject.title) }),
      message: text,
    });
  }

  get list(): Problem[] {
    const all = [...this.#found.values()];
    if (this.#found.size < MAX_PROBLEMS || this.#count <= MAX_PROBLEMS) return all;
    return [...all, { code: 'MALFORMED', message: `There may be more than these ${MAX_PROBLEMS} problems` }];
  }
}

const LONGEST = 80;

/** Names in documents can be of any length. */
export const short = (name: unknown): string => {
  const text = String(name);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
};
