/** The nodes, model files and values that a job needs of a backend. Jobs with equal needs have the same route. */
import { createHash } from 'node:crypto';
import {
  type FindRules,
  fileKeyOf,
  folderOf,
  folderOfKind,
  type Graph,
  isFile,
  loadedFiles,
  type ModelFile,
  meets,
  type Requirement,
} from '../comfyui/index.js';
import { hasFile, hasModel, keyOf, type NamedModel, type Offer, unmetOf } from './offer.js';

export type Needs = {
  classes: string[];
  files: ModelFile[];
  /** Requirements that at least one backend does not meet. Those that all meet are left out: they do not decide which backend is chosen. */
  values?: Requirement[];
  /** Models that no catalogue listed when the job was created, while some catalogues were unread. */
  models?: NamedModel[];
};

/** Something that a backend lacks. `folder` is that of a MODEL, if it is known. */
export type Lack = { kind: 'NODE' | 'MODEL' | 'VALUE'; name: string; folder?: string };

const ROUTE_LENGTH = 32;

/** Sorted, so that equal needs have the same route. */
export function needsOf(graph: Graph, offers: Iterable<Offer> = []): Needs {
  const known = [...offers];
  const find: FindRules = (name) => known.find(({ rules }) => rules?.has(name))?.rules?.get(name);
  const classes = [...new Set(Object.values(graph).map(({ class_type }) => class_type))].sort();
  const files = sorted(loadedFiles(graph, find), fileKeyOf);
  const values = known.flatMap((offer) =>
    unmetOf(graph, offer).filter((each) => !isClassOrFile(each, find) || offer.refused.has(keyOf(each))),
  );
  return { classes, files, ...(values.length > 0 && { values: sorted(values, keyOf) }) };
}

const isClassOrFile = ({ classType, input, value, given = {} }: Requirement, find: FindRules): boolean =>
  input === undefined ||
  (isFile(value) && folderOf({ class_type: classType, inputs: given }, input, find) !== undefined);

export const routeOf = (needs: Needs): string =>
  createHash('sha256').update(JSON.stringify(needs)).digest('hex').slice(0, ROUTE_LENGTH);

/** The needs that the offer does not meet. */
export const missingOf = ({ classes, files, values = [], models = [] }: Needs, offer: Offer): Lack[] => [
  ...classes.filter((name) => !offer.classes.has(name)).map((name) => ({ kind: 'NODE' as const, name })),
  ...files.filter((file) => !hasFile(offer, file)).map(toLack),
  ...values.filter((value) => !isMet(value, offer)).map(describe),
  // A saved offer may be older than the model.
  ...models
    .filter((model) => offer.rules && !hasModel(offer, model))
    .map(({ kind, name }) => ({ kind: 'MODEL' as const, name: name ?? kind })),
];

function toLack({ kind, folder = folderOfKind(kind), filename: name }: ModelFile): Lack {
  return { kind: 'MODEL', name, ...(folder !== undefined && { folder }) };
}

function isMet(requirement: Requirement, { classes, rules, refused }: Offer): boolean {
  if (refused.has(keyOf(requirement))) return false;
  if (requirement.input === undefined) return classes.has(requirement.classType);
  const known = rules?.get(requirement.classType);
  return known === undefined || meets(known, requirement);
}

function describe({ classType, input, value, isAbsent }: Requirement): Lack {
  if (input === undefined) return { kind: 'NODE', name: classType };
  if (isAbsent) return { kind: 'VALUE', name: `${classType} without ${input}` };
  return { kind: 'VALUE', name: value === undefined ? `${classType}.${input}` : `${classType}.${input} = ${value}` };
}

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  const unique = new Map(items.map((item) => [key(item), item]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
