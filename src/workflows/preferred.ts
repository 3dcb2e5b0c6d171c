/** Chooses a model file by the patterns of a workflow's input: regular expressions for its path without extension, ignoring case. */

const EXTENSION = /\.(safetensors|sft|ckpt|pth?|bin|gguf|onnx)$/i;

const MEDIA =
  'svd|sv[34]d|wan|ltxv?|mochi.?preview|animatediff|t?i2v|t2v|hunyuan.?(video|3d)|(stable.?)?zero123|ace.?step|musicgen|video|audio';

/** Pattern of the files whose names do not tell that they make videos, sound or 3D models. */
export const FOR_PICTURES = `^(?!.*(^|[^a-z])(${MEDIA})([^a-z]|$))`;

const compiled = new Map<string, RegExp>();

/** @param model a filename, or the name of a model */
export function fits(model: string, patterns: readonly string[]): boolean {
  const name = model.replaceAll('\\', '/').replace(EXTENSION, '');
  return patterns.some((pattern) => compile(pattern).test(name));
}

/** The first file that fits the first pattern that any fits. */
export function preferred(patterns: readonly string[] = [], filenames: readonly string[] = []): string | undefined {
  for (const pattern of patterns) {
    const found = filenames.find((filename) => fits(filename, [pattern]));
    if (found !== undefined) return found;
  }
  return undefined;
}

function compile(pattern: string): RegExp {
  const known = compiled.get(pattern) ?? new RegExp(pattern, 'i');
  compiled.set(pattern, known);
  return known;
}
