/** What a job needs of a backend, and what a backend offers. Jobs that need the same have one route. */
import { createHash } from 'node:crypto';
import {
  constantsOf,
  type Graph,
  type GraphNode,
  isLoadedFile,
  loadedFiles,
  type ModelFile,
  meets,
  modelFiles,
  type Requirement,
  type Rules,
  requirementOf,
  unmetBy,
  withSlashes,
} from '../comfyui/index.js';

export type Needs = {
  classes: string[];
  files: ModelFile[];
  /** What at least one backend does not accept. What all accept is left out: it tells no backend from another. */
  values?: Requirement[];
};

export type Offer = {
  classes: ReadonlySet<string>;
  files: ReadonlyMap<string, { kind: string; filename: string }>;
  /** Undefined while only the classes and files are known, as an earlier process saved them. */
  rules: Rules | undefined;
  /** What it refused although its catalogue lists it. */
  refused: Set<string>;
};

const ROUTE_LENGTH = 32;

/** In an order of their own, so that equal needs are written equally. */
export function needsOf(graph: Graph, offers: Iterable<Offer> = []): Needs {
  const classes = [...new Set(Object.values(graph).map(({ class_type }) => class_type))].sort();
  const files = sorted(loadedFiles(graph), nameOf);
  const values = [...offers].flatMap((offer) =>
    unmetOf(graph, offer).filter((each) => !isClassOrFile(each) || offer.refused.has(keyOf(each))),
  );
  return { classes, files, ...(values.length > 0 && { values: sorted(values, keyOf) }) };
}

const isClassOrFile = ({ classType, input, value }: Requirement): boolean =>
  input === undefined || isLoadedFile(classType, input, value);

/** What this backend does not accept of the graph, as far as is known. */
export const unmetOf = (graph: Graph, offer: Offer): Requirement[] =>
  Object.values(graph).flatMap((node) => [...refusedOf(node, offer), ...unmetOfNode(node, offer)]);

function unmetOfNode(node: GraphNode, { rules }: Offer): Requirement[] {
  if (!rules) return [];
  const known = rules.get(node.class_type);
  return known ? unmetBy(node, known) : [{ classType: node.class_type }];
}

const refusedOf = (node: GraphNode, { refused }: Offer): Requirement[] =>
  refused.size === 0
    ? []
    : [
        { classType: node.class_type },
        ...Object.entries(node.inputs).flatMap(([input, value]) =>
          constantsOf(value).map((each) => requirementOf(node, input, { value: each })),
        ),
      ].filter((each) => refused.has(keyOf(each)));

export const routeOf = (needs: Needs): string =>
  createHash('sha256').update(JSON.stringify(needs)).digest('hex').slice(0, ROUTE_LENGTH);

/** As an earlier process saved it. */
export const savedOffer = (
  classes: readonly string[],
  files: readonly { kind: string; filename: string }[],
): Offer => ({
  classes: new Set(classes),
  files: new Map(files.map((file) => [nameOf(file), file])),
  rules: undefined,
  refused: new Set(),
});

export const offerOf = (rules: Rules): Offer => ({ ...savedOffer([...rules.keys()], modelFiles(rules)), rules });

/** The names of what is needed and not offered. */
export const missingOf = ({ classes, files, values = [] }: Needs, offer: Offer): string[] => [
  ...classes.filter((name) => !offer.classes.has(name)),
  ...files.filter((file) => !offer.files.has(nameOf(file))).map(({ filename }) => filename),
  ...values.filter((value) => !isMet(value, offer)).map(wordsOf),
];

function isMet(requirement: Requirement, { classes, rules, refused }: Offer): boolean {
  if (refused.has(keyOf(requirement))) return false;
  if (requirement.input === undefined) return classes.has(requirement.classType);
  const known = rules?.get(requirement.classType);
  return known === undefined || meets(known, requirement);
}

export const keyOf = ({ classType, input, value, isAbsent, given }: Requirement): string =>
  JSON.stringify([classType, input, value, isAbsent, given]);

function wordsOf({ classType, input, value, isAbsent }: Requirement): string {
  if (input === undefined) return classType;
  if (isAbsent) return `${classType} without ${input}`;
  return value === undefined ? `${classType}.${input}` : `${classType}.${input} = ${value}`;
}

/** One file is listed as `xl/a` on Linux and as `xl\a` on Windows. */
const nameOf = ({ kind, filename }: { kind: string; filename: string }): string => `${kind} ${withSlashes(filename)}`;

function sorted<T>(items: readonly T[], key: (item: T) => string): T[] {
  const unique = new Map(items.map((item) => [key(item), item]));
  return [...unique].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
