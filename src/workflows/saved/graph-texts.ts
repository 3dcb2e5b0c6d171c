/** The prompts of a graph that runs without a form: no input is named `prompt` there. */
import { declaredBy, type Graph, type GraphNode, ruleOf } from '../../comfyui/index.js';
import { isLink } from '../graph/parse-graph.js';
import type { RulesOf } from '../graph/safety.js';
import { negativeNodes } from '../import/propose/polarity.js';

type Texts = { prompt: string; negativePrompt: string };

/** In characters, of all texts of one side together. */
const MAX_TEXT = 10_000;
/** How many links a text is followed: from an encoder to a node that joins texts, and to those that hold them. */
const MAX_LINKS = 3;

/** Each different text once, in the order of the nodes. A text is a prompt if its node makes CONDITIONING, or its input is named so. */
export function textsOf(graph: Graph, rulesOf: RulesOf): Texts {
  const negative = negativeNodes(graph, (classType, slot) => rulesOf(classType)[0]?.outputs?.[slot]);
  const found: { text: string; isNegative: boolean }[] = [];
  for (const [nodeId, node] of Object.entries(graph))
    for (const [input, value] of Object.entries(node.inputs)) {
      if (!isPrompt(node, input, rulesOf)) continue;
      const isNegative = /negative/i.test(input) || negative.has(nodeId);
      for (const text of textsAt(value, graph, rulesOf, MAX_LINKS)) found.push({ text, isNegative });
    }
  const join = (isNegative: boolean) => joined(found.filter((each) => each.isNegative === isNegative));
  return { prompt: join(false), negativePrompt: join(true) };
}

function isPrompt(node: GraphNode, input: string, rulesOf: RulesOf): boolean {
  const [rules] = rulesOf(node.class_type);
  const isNamed = /(^|[._])(prompt|text)(_?\w)?$/i.test(input) && !/lyrics/i.test(input);
  if (!rules) return isNamed;
  const rule = ruleOf(declaredBy(rules, node.inputs), input);
  if (!rule?.isMultiline || /lyrics/i.test(input)) return false;
  return isNamed || rules.outputs?.includes('CONDITIONING') === true;
}

/** The text itself, or those of the node that it is linked to. */
function textsAt(value: unknown, graph: Graph, rulesOf: RulesOf, links: number): string[] {
  if (typeof value === 'string') return [value];
  if (!isLink(value) || links === 0) return [];
  const node = graph[value[0]];
  if (!node) return [];
  const [rules] = rulesOf(node.class_type);
  const declared = rules && declaredBy(rules, node.inputs);
  return Object.entries(node.inputs).flatMap(([input, inner]) => {
    const isText = !declared || ruleOf(declared, input)?.type.split(',').includes('STRING');
    return isText ? textsAt(inner, graph, rulesOf, links - 1) : [];
  });
}

function joined(found: readonly { text: string }[]): string {
  // PostgreSQL stores no NUL, and no half of a pair.
  const texts = found.map(({ text }) => text.replaceAll('\0', '').toWellFormed().trim()).filter((text) => text !== '');
  return Array.from([...new Set(texts)].join('\n'))
    .slice(0, MAX_TEXT)
    .join('');
}
