/** Converts a workflow of ComfyUI's page to the graph that ComfyUI runs, as the page does it. */
import { isString } from '../../../comfyui/protocol/json/json.js';
import type { Graph, GraphNode, ObjectInfo } from '../../../comfyui/protocol/protocol.js';
import { type Problems, short } from '../problems.js';
import { classOf, inputsOf, isMadeOnSending } from './class-inputs.js';
import type { UiDocument, UiNode } from './document.js';
import { expand, type Instance } from './expand.js';
import { isGroup } from './group-node.js';
import { currentNames } from './renamed.js';
import { Resolver } from './resolve.js';
import { withoutChoices } from './text.js';
import { Tokens } from './tokens.js';
import { isActive, virtualKind } from './virtual.js';
import { asConstant, fits, widgetValues } from './widget-values.js';

/** @throws BAD_USER_INPUT if the document is beyond a bound */
export function convert(document: UiDocument, catalogue: ObjectInfo, problems: Problems): Graph {
  const resolver = new Resolver(catalogue, document.definitions, problems);
  const nodes = new Map<string, GraphNode>();
  const [texts, tokens]: [Conversion['texts'], Tokens] = [new Map(), new Tokens()];
  for (const instance of expand(document, catalogue, problems)) {
    for (const found of instance.graph.nodes.values()) {
      if (instance.children.has(found.id) || !isActive(found)) continue;
      const kind = virtualKind(found);
      if (kind === 'opaque')
        problems.add(
          'NEEDS_BROWSER',
          'its package adds links in the browser: draw them yourself, and save again',
          found,
        );
      if (kind || isGroup(found)) continue;
      const node = currentNames(found);
      nodes.set(
        instance.prefix + node.id,
        toGraphNode({ instance, node, catalogue, resolver, problems, texts, tokens }),
      );
    }
  }
  tokens.replace();
  return Object.fromEntries(nodes);
}

type Conversion = {
  instance: Instance;
  node: UiNode;
  catalogue: ObjectInfo;
  resolver: Resolver;
  problems: Problems;
  /** Texts without their choices: a subgraph is used many times. */
  texts: Map<string, ReturnType<typeof withoutChoices>>;
  tokens: Tokens;
};

/** A prompt without choices: those that the page draws for each run are fixed, and that is a problem to tell. */
function fixedText(value: unknown, name: string, { instance, node, problems, texts }: Conversion): unknown {
  if (!isString(value)) return asConstant(value);
  const known = texts.get(value) ?? withoutChoices(value);
  texts.set(value, known);
  const subject = { ...node, id: instance.prefix + node.id };
  if (known.hasChoices)
    problems.add(
      'FIXED_VALUE',
      `${short(name)} has choices in braces: the first of each is used in every run`,
      subject,
    );
  return known.text;
}

function toGraphNode(conversion: Conversion): GraphNode {
  const { node, catalogue, tokens } = conversion;
  const inputs = constants(conversion);
  const primitives = follow(conversion, inputs);
  const title = node.title ?? classOf(catalogue, node.type)?.display_name ?? node.type;
  const result = { class_type: node.type, inputs: Object.fromEntries(inputs), _meta: { title } };
  const name = node.properties['Node name for S&R'];
  tokens.addNode(isString(name) ? name : node.type, title, result);
  for (const [input, primitive] of primitives)
    if (primitive.properties['Run widget replace on values'] === true) tokens.addPlace(result, input);
  return result;
}

/** The values of all widgets, linked or not. */
function constants(conversion: Conversion): Map<string, unknown> {
  const { instance, node, catalogue, problems } = conversion;
  const info = classOf(catalogue, node.type);
  const subject = { ...node, id: instance.prefix + node.id };
  if (!info) {
    const given = node.named ?? (Array.isArray(node.values) ? {} : node.values);
    problems.add('UNKNOWN_CLASS', `ComfyUI has no class ${short(node.type)}`, subject);
    if (Array.isArray(node.values) && node.values.length > 0 && !node.named)
      problems.add('UNNAMED_VALUES', 'its values cannot be named without the class: they are left out', subject);
    return new Map(Object.entries(given).map(([name, value]) => [name, asConstant(value)]));
  }
  const inputs = new Map<string, unknown>();
  const { values, rest, undeclared } = widgetValues(node, info);
  for (const name of undeclared)
    problems.add(
      'NEEDS_BROWSER',
      `its class has no input ${short(name)}: the value is left out, and others may depend on it`,
      subject,
    );
  const linked = new Set(node.inputs.filter((slot) => slot.link !== undefined).map(({ name }) => name));
  const overrides = instance.host?.overrides.get(node.id);
  for (const [name, { input, value }] of values) {
    const own = overrides?.has(name) ? overrides.get(name) : value;
    if (input && isMadeOnSending(input)) {
      if (!linked.has(name))
        problems.add('NEEDS_BROWSER', `its ${short(name)} is a recording or a view that the browser makes`, subject);
      continue;
    }
    if (own === undefined) continue;
    if (input && !linked.has(name) && !fits(input, own))
      problems.add('WRONG_VALUE', `its value of ${short(name)} is no ${input.type}`, subject);
    inputs.set(name, input?.options.dynamicPrompts ? fixedText(own, name, conversion) : asConstant(own));
  }
  if (rest.some((value) => typeof value === 'object' && value !== null))
    problems.add('NEEDS_BROWSER', 'some of its values have no input in the class: they are left out', subject);
  return inputs;
}

/** Each linked input replaces the value of its widget. Returns the primitives that wrote into widgets. */
function follow(conversion: Conversion, inputs: Map<string, unknown>): Map<string, UiNode> {
  const { instance, node, catalogue, resolver, problems } = conversion;
  const primitives = new Map<string, UiNode>();
  const info = classOf(catalogue, node.type);
  const declared = new Map((info ? inputsOf(info) : []).map((input) => [input.name, input]));
  for (const slot of node.inputs) {
    if (slot.link === undefined) continue;
    if (slot.name === '') {
      problems.add('BROKEN_LINK', 'an input that is linked has no name', { ...node, id: instance.prefix + node.id });
      continue;
    }
    const source = resolver.resolve({ instance, node, slot });
    if (source.kind === 'link') inputs.set(slot.name, [source.nodeId, source.slot]);
    // A primitive writes into a widget: into a socket it cannot.
    else if (source.kind === 'value' && (!info || inputs.has(slot.name) || slot.isWidget)) {
      const isPrompt = source.primitive && declared.get(slot.name)?.options.dynamicPrompts;
      inputs.set(slot.name, isPrompt ? fixedText(source.value, slot.name, conversion) : asConstant(source.value));
      if (source.primitive) primitives.set(slot.name, source.primitive);
    } else if (source.kind === 'muted') {
      inputs.delete(slot.name);
      if (declared.get(slot.name)?.isRequired) {
        const subject = { ...node, id: instance.prefix + node.id };
        const from = short(source.node.title ?? source.node.type);
        problems.add(
          'MUTED_SOURCE',
          `its required input ${short(slot.name)} comes from a muted node (${from})`,
          subject,
        );
      }
    }
  }
  return primitives;
}
