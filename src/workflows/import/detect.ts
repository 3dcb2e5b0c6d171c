/** Tells what a document is: ComfyUI's API format, the format of its page, or both together. */
import { isObject, type JsonObject } from '../../comfyui/protocol/json/json.js';
import { refused } from './bounds.js';

/** At least one of the two. */
export type Parts = { workflow: JsonObject | undefined; prompt: JsonObject | undefined };

const isWorkflow = (value: unknown): value is JsonObject => isObject(value) && Array.isArray(value.nodes);

/** Whether at least one value is a node. */
export const isPrompt = (value: unknown): value is JsonObject =>
  isObject(value) && Object.values(value).some((node) => isObject(node) && typeof node.class_type === 'string');

/**
 * Also takes the body of `POST /prompt`, and the result of the page's `graphToPrompt`.
 * @throws BAD_USER_INPUT if it is no workflow
 */
export function detect(document: unknown): Parts {
  if (isWorkflow(document)) return { workflow: document, prompt: undefined };
  if (!isObject(document)) throw refused('The document is not a workflow of ComfyUI');
  const info = isObject(document.extra_data) ? document.extra_data.extra_pnginfo : undefined;
  const workflow = [document.workflow, isObject(info) ? info.workflow : undefined].find(isWorkflow);
  const prompt = [document.prompt, document.output].find(isPrompt);
  if (workflow || prompt) return { workflow, prompt };
  if (isPrompt(document)) return { workflow: undefined, prompt: document };
  throw refused(
    'The document is not a workflow of ComfyUI: it has neither a list of `nodes` nor nodes with a `class_type`',
  );
}
