/** The nodes, model files and values that a backend offers. */
import {
  constantsOf,
  type Graph,
  type GraphNode,
  modelFiles,
  type Requirement,
  type Rules,
  requirementOf,
  unmetBy,
  withSlashes,
} from '../comfyui/index.js';

export type Offer = {
  classes: ReadonlySet<string>;
  files: ReadonlyMap<string, { kind: string; filename: string }>;
  /** Undefined until the catalogue is read: an earlier process saved only the classes and files. */
  rules: Rules | undefined;
  /** The keys of requirements that the backend rejected although its catalogue lists them. */
  refused: Set<string>;
};

/** A model of a kind by name or filename; without a name, any model of the kind. */
export type NamedModel = { kind: string; name?: string };

/** The offer that an earlier process saved. */
export const savedOffer = (
  classes: readonly string[],
  files: readonly { kind: string; filename: string }[],
): Offer => ({
  classes: new Set(classes),
  files: new Map(files.map((file) => [fileKeyOf(file), file])),
  rules: undefined,
  refused: new Set(),
});

export const offerOf = (rules: Rules): Offer => ({ ...savedOffer([...rules.keys()], modelFiles(rules)), rules });

/** The key of a file in `Offer.files`: Linux lists a file as `xl/a`, Windows as `xl\a`. */
export const fileKeyOf = ({ kind, filename }: { kind: string; filename: string }): string =>
  `${kind} ${withSlashes(filename)}`;

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

const refusedOf = (node: GraphNode, { refused }: Offer): Requirement[] =>
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
