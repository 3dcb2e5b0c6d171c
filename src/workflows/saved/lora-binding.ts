/**
 * A binding of the type LORAS. Its places are inputs that take a model or a clip, behind whose source the LoRAs are chained, or the
 * `lora_name` of a loader, which they replace.
 */
import { declaredBy, type GraphNode, ruleOf } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { faultAt } from '../graph/faults.js';
import { isLink } from '../graph/parse-graph.js';
import type { RulesOf } from '../graph/safety.js';
import { type LoraPoint, MAX_LORAS } from '../loras.js';
import type { Place } from '../workflow.js';
import type { Source } from './bindings.js';
import type { SavedInput } from './saved-workflow.js';

const FIELD = 'inputs';
const LOADERS = ['LoraLoader', 'LoraLoaderModelOnly'];

type Resolved = Pick<SavedInput, 'places' | 'loras' | 'default' | 'max'>;

/** @throws BAD_USER_INPUT for the field `inputs` */
export function resolveLoras(places: readonly Place[], max: number, source: Source): Resolved {
  const [first, ...others] = places;
  if (!first) throw badUserInput('LORAS need a place', FIELD);
  if (max < 1 || max > MAX_LORAS) throw faultAt(first, `max must be from 1 to ${MAX_LORAS}, not ${max}`, FIELD);
  const node = nodeAt(first, source);
  return first.input === 'lora_name' && LOADERS.includes(node.class_type) && others.length === 0
    ? { ...replacing(first, node), max }
    : { ...behind(places, source), max };
}

function nodeAt(place: Place, { graph }: Source): GraphNode {
  const node = Object.hasOwn(graph, place.nodeId) ? graph[place.nodeId] : undefined;
  if (!node) throw faultAt(place, 'there is no such node', FIELD);
  return node;
}

/** The LoRA of the loader is the default. */
function replacing({ nodeId }: Place, { class_type: classType, inputs }: GraphNode): Resolved {
  const { model, clip, lora_name: name, strength_model: strength, strength_clip: other = strength } = inputs;
  const fault = (what: string) => faultAt({ nodeId, classType }, what, FIELD);
  if (!isLink(model) || (clip !== undefined && !isLink(clip))) throw fault('needs links to a model and a clip');
  if (typeof name !== 'string' || typeof strength !== 'number' || strength !== other)
    throw fault('LORAS replace a loader with a name and one strength: strength_clip must be equal to strength_model');
  const places = ['lora_name', 'strength_model', ...(clip ? ['strength_clip'] : [])].map((input) => ({
    nodeId,
    input,
  }));
  const loras: LoraPoint = { model: [nodeId, 0], ...(clip && { clip: [nodeId, 1] }), replaces: nodeId };
  return { places, loras, default: [{ name, strength }] };
}

function behind(places: readonly Place[], source: Source): Resolved {
  const found = new Map<'model' | 'clip', [string, number]>();
  for (const place of places) {
    const node = nodeAt(place, source);
    const where = { ...place, classType: node.class_type };
    const value = Object.hasOwn(node.inputs, place.input) ? node.inputs[place.input] : undefined;
    const kind = kindOf(node, place.input, source.rulesOf);
    if (!isLink(value) || !kind)
      throw faultAt(
        where,
        'takes no LORAS: bind them to an input with a link to a MODEL or a CLIP, or to lora_name of a LoraLoader',
        FIELD,
      );
    const known = found.get(kind);
    if (known && (known[0] !== value[0] || known[1] !== value[1]))
      throw faultAt(where, `its ${kind} comes from another output than that of another place: LORAS have one`, FIELD);
    found.set(kind, value);
  }
  const [model, clip] = [found.get('model'), found.get('clip')];
  if (!model) throw faultAt(places[0] ?? { nodeId: '' }, 'LORAS need a place that takes a MODEL, too', FIELD);
  return { places: [...places], loras: { model, ...(clip && { clip }) } };
}

/** By the name for a class that no ComfyUI has. */
function kindOf({ class_type, inputs }: GraphNode, input: string, rulesOf: RulesOf): 'model' | 'clip' | undefined {
  const known = rulesOf(class_type);
  const rule = known.map((rules) => ruleOf(declaredBy(rules, inputs), input)).find((each) => each);
  const type = known.length > 0 ? rule?.type : input.toUpperCase();
  return type === 'MODEL' ? 'model' : type === 'CLIP' ? 'clip' : undefined;
}
