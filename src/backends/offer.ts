/** The nodes, model files and values that a backend offers. */
import {
  constantsOf,
  executedNodes,
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

/** The requirements of the graph that the backend is known not to meet. ComfyUI checks the inputs only of nodes that it executes. */
export function unmetOf(graph: Graph, offer: Offer): Requirement[] {
  const executed = executedIn(graph, offer);
  const unmet = Object.entries(graph).flatMap(([id, node]) => (executed.has(id) ? unmetOfNode(node, offer) : []));
  return [...refusedIn(graph, offer).map(({ requirement }) => requirement), ...unmet];
}

const executedIn = (graph: Graph, { rules }: Offer) => executedNodes(graph, (name) => rules?.get(name));

function unmetOfNode(node: GraphNode, { rules }: Offer): Requirement[] {
  if (!rules) return [];
  const known = rules.get(node.class_type);
  return known ? unmetBy(node, known) : [{ classType: node.class_type }];
}

/** The requirements of the graph that the backend rejected although its catalogue lists them. */
export function refusedIn(graph: Graph, offer: Offer): { nodeId: string; requirement: Requirement }[] {
  const { refused } = offer;
  if (refused.size === 0) return [];
  const executed = executedIn(graph, offer);
  return Object.entries(graph).flatMap(([nodeId, node]) => {
    const values = Object.entries(executed.has(nodeId) ? node.inputs : {}).flatMap(([input, value]) =>
      constantsOf(value).map((each) => requirementOf(node, input, { value: each })),
    );
    return [{ classType: node.class_type }, ...values]
      .filter((each) => refused.has(keyOf(each)))
      .map((requirement) => ({ nodeId, requirement }));
  });
}

/** Equal requirements have equal keys. */
export const keyOf = ({ classType, input, value, isAbsent, given }: Requirement): string =>
  JSON.stringify([classType, input, value, isAbsent, given]);
