/** LoRAs: a workflow input of the type LORAS, and the nodes that apply it. */
import type { Graph, GraphNode, Link } from '../comfyui/index.js';
import { badUserInput } from '../graphql/errors.js';
import { requireStorable } from '../graphql/text.js';
import type { Input, Lora } from './workflow.js';

export const MAX_LORAS = 8;
/** Beyond it pictures fall apart; ComfyUI accepts up to 100. */
const MAX_STRENGTH = 10;

/** Validates the value of a LORAS input, except the names. @throws BAD_USER_INPUT */
export function validateLoras({ name: field, max = MAX_LORAS }: Input, value: unknown): Lora[] {
  const invalid = (expected: string) => badUserInput(`${field} must be ${expected}`, field);
  if (!Array.isArray(value)) throw invalid('a list of objects with a name and a strength');
  if (value.length > max) throw invalid(`at most ${max} LoRAs, not ${value.length}`);
  const loras = value.map((each: unknown) => {
    const { name, strength = 1, ...more } = (each ?? {}) as Partial<Record<string, unknown>>;
    if (typeof name !== 'string' || typeof strength !== 'number' || Object.keys(more).length > 0)
      throw invalid('a list of objects with a name and a strength');
    requireStorable(name, field);
    if (!(Math.abs(strength) <= MAX_STRENGTH))
      throw badUserInput(
        `The strength of ${name.slice(0, 100)} must be from -${MAX_STRENGTH} to ${MAX_STRENGTH}, not ${strength}`,
        field,
      );
    return { name, strength };
  });
  return loras;
}

/**
 * The outputs of the nodes that load the model. Without `clip`, LoRAs change the diffusion model alone.
 * `replaces`: the outputs are those of this loader of a LoRA, which the chain stands in for.
 */
export type LoraPoint = { model: Link; clip?: Link; replaces?: string };

/**
 * Returns the graph with the LoRAs in a chain behind the loaders: every input that took the model or the clip takes it from the last LoRA.
 * @param loras with the names of their files
 */
export function withLoras(given: Graph, loras: readonly Lora[], { model, clip, replaces }: LoraPoint): Graph {
  const replaced = replaces === undefined ? undefined : given[replaces]?.inputs;
  const graph = replaced ? Object.fromEntries(Object.entries(given).filter(([id]) => id !== replaces)) : given;
  const chain: Graph = {};
  let from = (replaced ? replaced.model : model) as Link;
  let fromClip = (replaced ? replaced.clip : clip) as Link | undefined;
  loras.forEach(({ name, strength }, nth) => {
    const id = freeId(graph, `lora${nth + 1}`);
    chain[id] = {
      class_type: fromClip ? 'LoraLoader' : 'LoraLoaderModelOnly',
      inputs: {
        model: from,
        ...(fromClip && { clip: fromClip, strength_clip: strength }),
        lora_name: name,
        strength_model: strength,
      },
      _meta: { title: `Apply LoRA ${nth + 1}` },
    };
    [from, fromClip] = [[id, 0], fromClip && [id, 1]];
  });
  if (loras.length === 0 && !replaced) return graph;
  const moved = (value: unknown) => (isSame(value, model) ? from : isSame(value, clip) ? fromClip : value);
  const rewired = Object.entries(graph).map(([id, node]): [string, GraphNode] => [
    id,
    { ...node, inputs: Object.fromEntries(Object.entries(node.inputs).map(([name, value]) => [name, moved(value)])) },
  ]);
  return { ...Object.fromEntries(rewired), ...chain };
}

const isSame = (value: unknown, link: Link | undefined): boolean =>
  link !== undefined && Array.isArray(value) && value.length === 2 && value[0] === link[0] && value[1] === link[1];

const freeId = (graph: Graph, id: string): string => (Object.hasOwn(graph, id) ? freeId(graph, `${id}_`) : id);
