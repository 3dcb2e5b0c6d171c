/** The nodes, model files and values that a job needs of a backend. Jobs with equal needs have the same route. */
import { createHash } from 'node:crypto';
import { type Graph, isLoadedFile, loadedFiles, type ModelFile, meets, type Requirement } from '../comfyui/index.js';
import { fileKeyOf, hasModel, keyOf, type NamedModel, type Offer, unmetOf } from './offer.js';

export type Needs = {
  classes: string[];
  files: ModelFile[];
  /** Requirements that at least one backend does not meet. Those that all meet are left out: they do not decide which backend is chosen. */
  values?: Requirement[];
  /** A model that no catalogue listed when the job was created, while some catalogues were unread. */
  model?: NamedModel;
};

const ROUTE_LENGTH = 32;

/** Sorted, so that equal needs have the same route. */
export function needsOf(graph: Graph, offers: Iterable<Offer> = []): Needs {
  const classes = [...new Set(Object.values(graph).map(({ class_type }) => class_type))].sort();
  const files = sorted(loadedFiles(graph), fileKeyOf);
  const values = [...offers].flatMap((offer) =>
    unmetOf(graph, offer).filter((each) => !isClassOrFile(each) || offer.refused.has(keyOf(each))),
  );
  return { classes, files, ...(values.length > 0 && { values: sorted(values, keyOf) }) };
}

const isClassOrFile = ({ classType, input, value }: Requirement): boolean =>
  input === undefined || isLoadedFile(classType, input, value);

export const routeOf = (needs: Needs): string =>
  createHash('sha256').update(JSON.stringify(needs)).digest('hex').slice(0, ROUTE_LENGTH);

/** The names of the needs that the offer does not meet. */
export const missingOf = ({ classes, files, values = [], model }: Needs, offer: Offer): string[] => [
  ...classes.filter((name) => !offer.classes.has(name)),
  ...files.filter((file) => !offer.files.has(fileKeyOf(file))).map(({ filename }) => filename),
  ...values.filter((value) => !isMet(value, offer)).map(describe),
  // A saved offer may be older than the model.
  ...(model && offer.rules && !hasModel(offer, model) ? [model.name ?? model.kind] : []),
];

function isMet(requirement: Requirement, { classes, rules, refused }: Offer): boolean {
  if (refused.has(keyOf(requirement))) return false;
  if (requirement.input === undefined) return classes.has(requirement.classType);
  const known = rules?.get(requirement.classType);
  return known === undefined || meets(known, requirement);
}

function describe({ classType, input, value, isAbsent }: Requirement): string {
  if (input === undefined) return classType;
  if (isAbsent) return `${classType} without ${input}`;
  return value === undefined ? `${classType}.${input}` : `${classType}.${input} = ${value}`;
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  const unique = new Map(items.map((item) => [key(item), item]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
