/** What a job needs of a backend, and what a backend offers: node classes and model files. Jobs that need the same have one route. */
import { createHash } from 'node:crypto';
import { type Graph, loadedFiles, type ModelFile, modelFiles, type ObjectInfo } from '../comfyui/index.js';

export type Needs = { classes: string[]; files: ModelFile[] };

export type Offer = { classes: ReadonlySet<string>; files: ReadonlySet<string> };

const ROUTE_LENGTH = 32;

/** In an order of their own, so that equal needs are written equally. */
export function needsOf(graph: Graph): Needs {
  const classes = [...new Set(Object.values(graph).map(({ class_type }) => class_type))].sort();
  const files = [...new Map(loadedFiles(graph).map((file) => [nameOf(file), file]))].sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  return { classes, files: files.map(([, file]) => file) };
}

export const routeOf = (needs: Needs): string =>
  createHash('sha256').update(JSON.stringify(needs)).digest('hex').slice(0, ROUTE_LENGTH);

export const toOffer = (classes: readonly string[], files: readonly { kind: string; filename: string }[]): Offer => ({
  classes: new Set(classes),
  files: new Set(files.map(nameOf)),
});

export const offerOf = (catalogue: ObjectInfo): Offer => toOffer(Object.keys(catalogue), modelFiles(catalogue));

/** The names of what is needed and not offered. */
export const missingOf = ({ classes, files }: Needs, offer: Offer): string[] => [
  ...classes.filter((name) => !offer.classes.has(name)),
  ...files.filter((file) => !offer.files.has(nameOf(file))).map(({ filename }) => filename),
];

const nameOf = ({ kind, filename }: { kind: string; filename: string }): string => `${kind} ${filename}`;
