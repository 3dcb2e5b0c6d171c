/** The models that generations may name. Rows of models are only ever added, so they are read once and kept. */
import type { MikroORM } from '@mikro-orm/postgresql';
import { fileKeyOf, folderOfKind, withSlashes } from '../comfyui/index.js';
import { badUserInput } from '../graphql/errors.js';
import { nearest } from '../graphql/suggestions.js';
import { ModelKind } from '../workflows/model-kind.js';
import { fits } from '../workflows/preferred.js';
import { listModels, type ModelRow } from './model-rows.js';
import type { Offer } from './offer.js';

export type KnownModel = Omit<ModelRow, 'available'>;

/** What the monitors of the backends know now. */
type Catalogues = {
  /** Whether the catalogues of all usable backends have been read since the server started. */
  readonly areCataloguesRead: boolean;
  /** The offers of the backends that are online. */
  onlineOffers(): Offer[];
};

export class KnownModels {
  readonly #byKind = new Map<ModelKind, readonly KnownModel[]>();

  constructor(
    private readonly orm: MikroORM,
    private readonly catalogues: Catalogues,
  ) {}

  /**
   * Returns the model with this name or filename. Returns undefined if there is none and some catalogues are unread.
   * @throws BAD_USER_INPUT with suggestions
   */
  async find(kind: ModelKind, name: string, field: string): Promise<KnownModel | undefined> {
    const found = await this.#choose(kind, (models) => {
      return (
        models.find((model) => model.name === name) ??
        models.find(({ filename }) => withSlashes(filename) === withSlashes(name))
      );
    });
    if (found !== null) return found;
    const names = (this.#byKind.get(kind) ?? []).map((model) => model.name);
    throw badUserInput(`Unknown model ${name.slice(0, 100)}`, field, { suggestions: nearest(name, names) });
  }

  /**
   * Returns the model for a request that names none: the configured one, else the model that most online backends have, else the first by
   * name. Returns undefined if there is none and some catalogues are unread.
   * @param patterns of the models that fit: see `fits`
   * @throws BAD_USER_INPUT
   */
  async default(
    kind: ModelKind,
    configured: string | undefined,
    field = 'model',
    patterns: readonly string[] = [''],
  ): Promise<KnownModel | undefined> {
    if (configured !== undefined && fits(configured, patterns)) return await this.find(kind, configured, field);
    const found = await this.#choose(kind, (models) => this.#mostOffered(kind, models, patterns));
    if (found !== null) return found;
    const folder = folderOfKind(kind) ?? '';
    const fitting = patterns.includes('') ? '' : 'fitting ';
    const what = kind === ModelKind.CHECKPOINT ? 'checkpoint' : `model of the kind ${kind}`;
    throw badUserInput(`No ${fitting}${what} is installed: put one into the folder models/${folder} of ComfyUI`, field);
  }

  /** The most offered model that fits the first pattern that any fits. */
  #mostOffered(kind: ModelKind, models: readonly KnownModel[], patterns: readonly string[]): KnownModel | undefined {
    const counts = new Map<string, number>();
    for (const { files } of this.catalogues.onlineOffers())
      for (const [key, file] of files) if (file.kind === kind) counts.set(key, (counts.get(key) ?? 0) + 1);
    const known = new Set(models.map((model) => fileKeyOf(model)));
    // An online backend has a model of this kind that is not among the rows yet.
    if ([...counts.keys()].some((key) => !known.has(key))) return undefined;
    const countOf = (model: KnownModel) => counts.get(fileKeyOf(model)) ?? 0;
    for (const pattern of patterns) {
      const fitting = models.filter(({ filename }) => fits(filename, [pattern]));
      const most = Math.max(...fitting.map(countOf));
      const found = fitting.find((model) => countOf(model) === most);
      if (found) return found;
    }
    return undefined;
  }

  /**
   * Chooses among the known rows, and once more among the newest if that finds none. Returns null if all catalogues are read and the model
   * is in none, undefined if it may be in an unread one.
   */
  async #choose<T>(
    kind: ModelKind,
    choose: (models: readonly KnownModel[]) => T | undefined,
  ): Promise<T | undefined | null> {
    const known = this.#byKind.get(kind);
    const found = known && choose(known);
    if (found !== undefined) return found;
    // Before the read: the last catalogue may be saved meanwhile.
    const { areCataloguesRead } = this.catalogues;
    return choose(await this.#read(kind)) ?? (areCataloguesRead ? null : undefined);
  }

  async #read(kind: ModelKind): Promise<readonly KnownModel[]> {
    const models = await listModels(this.orm.em.fork(), kind);
    this.#byKind.set(kind, models);
    return models;
  }
}
