/** Model files: those that a server has, and those that a graph loads. */
import { executedNodes } from '../graph/links.js';
import { isString } from '../json/json.js';
import type { Graph } from '../protocol.js';
import { declaredBy, everyRule, type FindRules, type Rules, ruleOf, withSlashes } from '../rules.js';
import { kindOfFolder, knownFolder, type ModelKind } from './folders.js';

/** `filename` is the path within the folder, as the loader's input takes it. */
export type ModelFile = {
  kind: ModelKind;
  /** The folder of an OTHER; absent if it is unknown, and for every other kind. */
  folder?: string;
  filename: string;
};

/** Lists of files may also contain choices that are no files, such as `pixel_space`, `taesd` and `None`. */
export const isFile = (value: unknown): value is string => isString(value) && /\.[^./\\ ]+$/.test(value);

export function fileIn(folder: string, filename: string): ModelFile {
  const kind = kindOfFolder(folder);
  return { kind, ...(kind === 'OTHER' && folder !== '' && { folder }), filename };
}

/** Equal for equal files: Linux lists a file as `xl/a`, Windows as `xl\a`. */
export const fileKeyOf = ({ kind, folder = '', filename }: { kind: string; folder?: string; filename: string }) =>
  `${kind === 'OTHER' ? `OTHER ${folder}/` : `${kind} `}${withSlashes(filename)}`;

/** The files that the classes list, and `embeddings`, which no class lists. Each comes once. */
export function modelFiles(rules: Rules, embeddings: readonly string[] = []): ModelFile[] {
  const lists = new Map<string, Set<ReadonlySet<unknown>>>([['embeddings', new Set([new Set(embeddings)])]]);
  for (const inputs of rules.values())
    for (const { folder, choices } of everyRule(inputs))
      if (folder !== undefined && choices) lists.set(folder, (lists.get(folder) ?? new Set()).add(choices));
  const files = new Map<string, ModelFile>();
  for (const [folder, listed] of lists)
    for (const choices of listed)
      for (const name of choices) {
        const file = isFile(name) && fileIn(folder, name);
        if (file) files.set(fileKeyOf(file), file);
      }
  return [...files.values()];
}

/** The model folder that an input lists, for a node with these input values; undefined if it lists none. */
export function folderOf(
  { class_type, inputs }: { class_type: string; inputs: Readonly<Record<string, unknown>> },
  input: string,
  find: FindRules,
): string | undefined {
  const rules = find(class_type);
  return rules ? ruleOf(declaredBy(rules, inputs), input)?.folder : knownFolder(class_type, input);
}

/** The model files that a graph loads, apart from nodes that ComfyUI does not execute; a file that is loaded twice comes twice. */
export function loadedFiles(graph: Graph, find: FindRules = () => undefined): ModelFile[] {
  const executed = executedNodes(graph, find);
  return Object.entries(graph).flatMap(([id, node]) =>
    Object.entries(executed.has(id) ? node.inputs : {}).flatMap(([input, value]) => {
      if (!isFile(value)) return [];
      const folder = folderOf(node, input, find);
      return folder === undefined ? [] : [fileIn(folder, value)];
    }),
  );
}
