/** Tokens such as `%KSampler.seed%`, which the page replaces by values when it sends a workflow. */
import type { GraphNode } from '../../../comfyui/protocol/protocol.js';

/** Characters of a text in which tokens are looked for. */
const MAX_LENGTH = 1_000;

/** Parts of the page's date formats that the server has a token for. */
const DATES = new Map([
  ['yyyy', '%year%'],
  ['MM', '%month%'],
  ['dd', '%day%'],
  ['hh', '%hour%'],
  ['mm', '%minute%'],
  ['ss', '%second%'],
]);

/** Characters that filenames cannot have. */
const UNSAFE = /[/?<>\\:*|"\p{Cc}]/gu;

export class Tokens {
  readonly #byName = new Map<string, GraphNode>();
  readonly #byTitle = new Map<string, GraphNode>();
  readonly #places: { node: GraphNode; input: string }[] = [];

  /** @param name by which tokens find the node; its title comes second */
  addNode(name: string, title: string, node: GraphNode): void {
    if (!this.#byName.has(name)) this.#byName.set(name, node);
    if (!this.#byTitle.has(title)) this.#byTitle.set(title, node);
    this.addPlace(node, 'filename_prefix');
  }

  /** An input in whose text tokens are replaced. */
  addPlace(node: GraphNode, input: string): void {
    this.#places.push({ node, input });
  }

  /** Dates become the server's own tokens, so that they are of the run and not of the import. */
  replace(): void {
    for (const { node, input } of this.#places) {
      const text = node.inputs[input];
      if (typeof text !== 'string' || !text.includes('%') || text.length > MAX_LENGTH) continue;
      node.inputs[input] = text.replace(/%([^%]+)%/g, (whole, token: string) => this.#valueOf(token) ?? whole);
    }
  }

  #valueOf(token: string): string | undefined {
    if (token.startsWith('date:'))
      return token.slice('date:'.length).replace(/yyyy|MM|dd|hh|mm|ss/g, (part) => DATES.get(part) ?? part);
    const [name = '', input = '', ...more] = token.split('.');
    const inputs = (this.#byName.get(name) ?? this.#byTitle.get(name))?.inputs;
    const value = inputs && more.length === 0 && Object.hasOwn(inputs, input) ? inputs[input] : undefined;
    return value === undefined || typeof value === 'object' ? undefined : String(value).replace(UNSAFE, '_');
  }
}
