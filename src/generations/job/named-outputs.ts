/** Reads what nodes report as their outputs: files and texts, under whatever keys. */
import type { FileItem, NodeId, NodeOutput } from '../../comfyui/index.js';
import { isObject, isString } from '../../comfyui/protocol/json/json.js';

/** A file or a text, with the id of its node. */
export type NamedFile = { file: FileItem; nodeId: NodeId };
export type NamedText = { text: string; nodeId: NodeId };

export type NamedOutputs = {
  saved: NamedFile[];
  /** Previews, which ComfyUI deletes when it restarts, and models that a node only shows. */
  temporary: NamedFile[];
  texts: NamedText[];
};

const MODEL = /\.(glb|gltf|obj|fbx|stl|ply|usdz)$/i;

/** Each file once, in the order of the nodes. */
export function readOutputs(outputs: Record<NodeId, NodeOutput>): NamedOutputs {
  const saved = new Map<string, NamedFile>();
  const temporary = new Map<string, NamedFile>();
  const texts: NamedText[] = [];
  for (const [nodeId, output] of Object.entries(outputs))
    for (const [key, value] of Object.entries(output)) {
      if (!Array.isArray(value)) continue;
      const items: unknown[] = value.flat();
      if (key === 'text') texts.push(...items.filter(isString).map((text) => ({ text, nodeId })));
      for (const item of items) {
        const file = toFileItem(item);
        if (file) addOnce(file.type === 'output' ? saved : temporary, { file, nodeId });
        // Preview3D names a path, in the output or the input folder.
        else if (key === 'result' && isString(item) && MODEL.test(item))
          addOnce(temporary, { file: fileOfPath(item), nodeId });
      }
    }
  return { saved: [...saved.values()], temporary: [...temporary.values()], texts };
}

function addOnce(to: Map<string, NamedFile>, named: NamedFile): void {
  const name = nameOf(named.file);
  if (!to.has(name)) to.set(name, named);
}

/** Tells files of one ComfyUI apart. */
export const nameOf = ({ filename, subfolder, type }: FileItem): string => JSON.stringify([type, subfolder, filename]);

/** Undefined for other values, and for files of the input folder, which no prompt made. */
function toFileItem(item: unknown): FileItem | undefined {
  if (!isObject(item)) return undefined;
  const { filename, subfolder = '', type = 'output' } = item;
  const isFile = isString(filename) && filename !== '' && isString(subfolder);
  return isFile && (type === 'output' || type === 'temp') ? { filename, subfolder, type } : undefined;
}

function fileOfPath(path: string): FileItem {
  const at = path.lastIndexOf('/');
  return { filename: path.slice(at + 1), subfolder: path.slice(0, Math.max(0, at)), type: 'output' };
}
