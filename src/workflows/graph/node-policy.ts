/** Which users may write workflows, and which node classes their graphs may contain. */
import type { Viewer } from '../../accounts/viewer.js';
import { forbidden } from '../../graphql/errors.js';
import { CORE_CLASSES } from './core-classes.js';

type Authors = 'admins' | 'users';

/** In a list of patterns it stands for ComfyUI's safe core classes. */
const CORE = 'core';

export class NodePolicy {
  readonly #names: ReadonlySet<string>;
  readonly #patterns: readonly RegExp[];

  /** @param allowed class names, `core`, and patterns in which `*` stands for any characters */
  constructor(
    private readonly authors: Authors,
    allowed: readonly string[],
  ) {
    const plain = allowed.filter((each) => !each.includes('*'));
    this.#names = new Set(plain.flatMap((each) => (each === CORE ? CORE_CLASSES : [each])));
    this.#patterns = allowed.filter((each) => each.includes('*')).map(toPattern);
  }

  isAuthor({ role }: Viewer): boolean {
    return role === 'ADMIN' || this.authors === 'users';
  }

  /** @throws FORBIDDEN */
  requireAuthor(viewer: Viewer): void {
    if (!this.isAuthor(viewer)) throw forbidden('Only an admin may write workflows on this server');
  }

  /** Whether a user who is no admin may use the class. */
  isAllowed(classType: string): boolean {
    return this.#names.has(classType) || this.#patterns.some((pattern) => pattern.test(classType));
  }
}

const toPattern = (text: string): RegExp =>
  new RegExp(`^${text.replaceAll(/[\\^$.+?()[\]{}|]/g, '\\$&').replaceAll(/\*+/g, '.*')}$`, 's');
