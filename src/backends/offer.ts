/** The nodes, model files and values that a backend offers. */
import {
  constantsOf,
  type Folders,
  fileKeyOf,
  type Graph,
  type GraphNode,
  modelFiles,
  nameFolders,
  type Requirement,
  type Rules,
  requirementOf,
  unmetBy,
  withSlashes,
} from '../comfyui/index.js';

/** `folder` is that of an OTHER. */
export type OfferedFile = { kind: string; folder?: string; filename: string };

export type Offer = {
  classes: ReadonlySet<string>;
  /** By `fileKeyOf`. */
  files: ReadonlyMap<string, OfferedFile>;
  /** Undefined until the catalogue is read: an earlier process saved only the classes and files. */
  rules: Rules | undefined;
  /** The keys of requirements that the backend rejected although its catalogue lists them. */
  refused: Set<string>;
};

/** A model of a kind by name or filename; without a name, any model of the kind. */
export type NamedModel = { kind: string; name?: string };

/** The offer that an earlier process saved. */
export const savedOffer = (classes: readonly string[], files: readonly OfferedFile[]): Offer => ({
  classes: new Set(classes),
  files: new Map(files.map((file) => [fileKeyOf(file), file])),
  rules: undefined,
  refused: new Set(),
});

/** @param folders the files of each folder, if ComfyUI lists them */
export function offerOf(rules: Rules, folders?: Folders): Offer {
  nameFolders(rules, folders);
  return { ...savedOffer([...rules.keys()], modelFiles(rules, folders?.get('embeddings'))), rules };
}

/** Backends may name the folder of an OTHER differently, or not know it. */
export const hasFile = ({ files }: Offer, file: OfferedFile): boolean =>
  files.has(fileKeyOf(file)) ||
  (file.kind === 'OTHER' &&
    [...files.values()].some(
      ({ kind, filename }) => kind === file.kind && withSlashes(filename) === withSlashes(file.filename),
    ));

/** The file's path without its extension, always with forward slashes. */
export const modelNameOf = (filename: string): string => withSlashes(filename).replace(/\.[^./]+$/, '');

export const hasModel = ({ files }: Offer, { kind, name }: NamedModel): boolean =>
  [...files.values()].some(
    (file) =>
      file.kind === kind &&
      (name === undefined || [withSlashes(file.filename), modelNameOf(file.filename)].includes(withSlashes(name))),
  );

/** The requirements of the graph that the backend is known not to meet. */
export const unmetOf = (graph: Graph, offer: Offer): Requirement[] =>
  Object.values(graph).flatMap((node) => [...refusedOf(node, offer), ...unmetOfNode(node, offer)]);

function unmetOfNode(node: GraphNode, { rules }: Offer): Requirement[] {
  if (!rules) return [];
  const known = rules.get(node.class_type);
  return known ? unmetBy(node, known) : [{ classType: node.class_type }];
}

export const refusedOf = (node: GraphNode, { refused }: Offer): Requirement[] =>
  refused.size === 0
    ? []
    : [
        { classType: node.class_type },
        ...Object.entries(node.inputs).flatMap(([input, value]) =>
          constantsOf(value).map((each) => requirementOf(node, input, { value: each })),
        ),
      ].filter((each) => refused.has(keyOf(each)));

/** Equal requirements have equal keys. */
export const keyOf = ({ classType, input, value, isAbsent, given }: Requirement): string =>
  JSON.stringify([classType, input, value, isAbsent, given]);
