/**
 * Finds which model folder each list of files shows: `/object_info` contains the files, but not their folder. A list belongs to the folder
 * of `/models` that has its files; without one, the names of the class and of the input tell.
 */
import { isString } from '../json/json.js';
import type { ClassRules, InputRule, Rules } from '../rules.js';
import { canonicalFolder, folderByClass, folderByName } from './folders.js';
import { isFile } from './model-files.js';

/** The filenames in each folder. */
export type Folders = ReadonlyMap<string, readonly string[]>;

/** The extensions that ComfyUI and the usual packs load as models. */
const IS_MODEL = /\.(safetensors|sft|ckpt|pt2?|pth|bin|pkl|gguf|onnx)$/i;

export const isModelFile = (value: unknown): value is string => isString(value) && IS_MODEL.test(value);

/** Writes the folders of their lists into the rules. */
export function nameFolders(rules: Rules, folders: Folders = new Map()): void {
  const matcher = new Matcher(folders);
  for (const [className, inputs] of rules) nameIn(className, inputs, matcher);
}

function nameIn(className: string, inputs: ClassRules, matcher: Matcher): void {
  for (const [input, rule] of inputs) {
    const folder = folderOfList(className, input, rule, matcher);
    if (rule.folder !== folder) rule.folder = folder;
    for (const part of rule.parts?.values() ?? []) nameIn('', part, matcher);
  }
}

function folderOfList(className: string, input: string, { choices }: InputRule, matcher: Matcher): string | undefined {
  if (!choices) return undefined;
  const byName = folderByName(input);
  return folderByClass(className, input) ?? matcher.match(choices, byName) ?? byName ?? unnamed(choices);
}

/** The empty name for a list of models whose folder is unknown. */
function unnamed(choices: ReadonlySet<unknown>): '' | undefined {
  const files = [...choices].filter(isFile);
  return files.length > 0 && files.every(isModelFile) ? '' : undefined;
}

/** Finds the folder of a list. Many inputs share one list, so each is compared once. */
class Matcher {
  readonly #found = new Map<ReadonlySet<unknown>, readonly string[]>();
  readonly #folders: readonly (readonly [string, ReadonlySet<string>])[];

  constructor(folders: Folders) {
    this.#folders = [...folders].map(([name, files]) => [canonicalFolder(name), new Set(files)]);
  }

  /** The smallest folder with all files of the list; among equals the expected one. Undefined if there is none. */
  match(choices: ReadonlySet<unknown>, expected: string | undefined): string | undefined {
    const found = this.#found.get(choices) ?? this.#compare(choices);
    this.#found.set(choices, found);
    return expected !== undefined && found.includes(expected) ? expected : found[0];
  }

  #compare(choices: ReadonlySet<unknown>): string[] {
    const files = [...choices].filter(isFile);
    if (files.length === 0) return [];
    const containing = this.#folders.filter(
      ([, has]) => has.size >= files.length && files.every((file) => has.has(file)),
    );
    const least = Math.min(...containing.map(([, { size }]) => size));
    return containing.filter(([, { size }]) => size === least).map(([name]) => name);
  }
}
