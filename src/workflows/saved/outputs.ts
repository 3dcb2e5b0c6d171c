/** The outputs of a workflow: the nodes whose files or texts are kept. */
import type { Graph } from '../../comfyui/index.js';
import { badUserInput } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { faultAt, isReserved, shown } from '../graph/faults.js';
import { WORKFLOW_LIMITS } from '../graph/limits.js';
import type { RulesOf } from '../graph/safety.js';
import type { Output, OutputKind } from '../workflow.js';

export type OutputBinding = { name: string; nodeId: string; title?: string | null };

const FIELD = 'outputs';
const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
const KINDS: readonly [OutputKind, RegExp][] = [
  ['IMAGE', /^(SaveImage|SaveAnimated|PreviewImage|MaskPreview|ImageCompare)/],
  ['VIDEO', /^(SaveVideo|SaveWEBM|VHS_VideoCombine)/],
  ['AUDIO', /^(SaveAudio|PreviewAudio)/],
  ['MODEL_3D', /^(SaveGLB|Save3D|Preview3D)/],
  ['LATENT', /^SaveLatent/],
  ['TEXT', /^(PreviewAny|SaveText)/],
];

/** Without bindings every output node is an output. @throws BAD_USER_INPUT for the field `outputs` */
export function resolveOutputs(
  graph: Graph,
  bindings: readonly OutputBinding[] | null | undefined,
  rulesOf: RulesOf,
): Output[] {
  const isOutput = (classType: string) =>
    kindOf(classType) !== undefined || rulesOf(classType).some((rules) => rules.isOutput);
  const found = Object.entries(graph).filter(([, { class_type }]) => isOutput(class_type));
  if (!bindings)
    return named(
      found.map(([nodeId]) => ({ nodeId })),
      graph,
    );
  if (bindings.length > WORKFLOW_LIMITS.outputs)
    throw badUserInput(`A workflow has at most ${WORKFLOW_LIMITS.outputs} outputs, not ${bindings.length}`, FIELD);
  const names = new Set<string>();
  return bindings.map(({ name, nodeId, title }) => {
    if (!NAME.test(name) || isReserved(name))
      throw badUserInput(`${shown(name)} is no name of an output: letters, digits, - or _, at most 64`, FIELD);
    if (names.has(name)) throw badUserInput(`Output ${name}: two outputs have this name`, FIELD);
    names.add(name);
    const node = Object.hasOwn(graph, nodeId) ? graph[nodeId] : undefined;
    if (!node) throw faultAt({ nodeId }, 'there is no such node', FIELD);
    if (rulesOf(node.class_type).length > 0 && !isOutput(node.class_type))
      throw faultAt({ nodeId, classType: node.class_type }, 'must be an output node, such as SaveImage', FIELD);
    if (title != null && title.length > WORKFLOW_LIMITS.titleLength)
      throw badUserInput(`Output ${name}: title has more than ${WORKFLOW_LIMITS.titleLength} characters`, FIELD);
    if (title != null) requireStorable(title, FIELD);
    return { name, title: title ?? node._meta?.title ?? name, kind: kindOf(node.class_type) ?? 'FILE', nodeId };
  });
}

/** Names each output after the title of its node, and after the node's id where two have one title. */
function named(found: readonly { nodeId: string }[], graph: Graph): Output[] {
  const names = new Set<string>();
  return found.slice(0, WORKFLOW_LIMITS.outputs).map(({ nodeId }) => {
    const { class_type: classType = '', _meta } = graph[nodeId] ?? {};
    const title = _meta?.title ?? classType;
    const slug = slugOf(title) || slugOf(classType) || 'output';
    const name = names.has(slug) ? `${slug}-${slugOf(nodeId)}` : slug;
    names.add(name);
    return { name, title, kind: kindOf(classType) ?? 'FILE', nodeId };
  });
}

const kindOf = (classType: string): OutputKind | undefined => KINDS.find(([, pattern]) => pattern.test(classType))?.[0];

const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 40);
