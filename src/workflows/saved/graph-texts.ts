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
/** How many values are read in all: nodes that join texts may be joined again and again. */
const MAX_VALUES = 2_000;

/** Each different text once, in the order of the nodes. A text is a prompt if its node makes CONDITIONING, or its input is named so. */
export function textsOf(graph: Graph, rulesOf: RulesOf): Texts {
  const negative = negativeNodes(graph, (classType, slot) => rulesOf(classType)[0]?.outputs?.[slot]);
  const reader = new TextReader(graph, rulesOf);
  const found = Object.entries(graph).flatMap(([nodeId, node]) =>
    reader.promptsOf(node).flatMap((input) => {
      const isNegative = /negative/i.test(input) || negative.has(nodeId);
      return reader.textsAt(node.inputs[input]).map((text) => ({ text, isNegative }));
    }),
  );
  const join = (isNegative: boolean) => joined(found.filter((each) => each.isNegative === isNegative));
  return { prompt: join(false), negativePrompt: join(true) };
}

class TextReader {
  #left = MAX_VALUES;

  constructor(
    private readonly graph: Graph,
    private readonly rulesOf: RulesOf,
  ) {}

  /** The inputs of a node that are prompts. */
  promptsOf({ class_type: classType, inputs }: GraphNode): string[] {
    const [rules] = this.rulesOf(classType);
    const declared = rules && declaredBy(rules, inputs);
    const encodes = rules?.outputs?.includes('CONDITIONING') === true;
    return Object.keys(inputs).filter((input) => {
      if (/lyrics/i.test(input)) return false;
      const isNamed = /(^|[._])(prompt|text)(_?\w)?$/i.test(input);
      return declared ? ruleOf(declared, input)?.isMultiline && (isNamed || encodes) : isNamed;
    });
  }

  /** The text itself, or those of the node that it is linked to. */
  textsAt(value: unknown, links = MAX_LINKS): string[] {
    this.#left -= 1;
    if (this.#left < 0) return [];
    if (typeof value === 'string') return [value];
    const node = isLink(value) && links > 0 ? this.graph[value[0]] : undefined;
    if (!node) return [];
    const [rules] = this.rulesOf(node.class_type);
    const declared = rules && declaredBy(rules, node.inputs);
    return Object.entries(node.inputs).flatMap(([input, inner]) => {
      const isText = !declared || ruleOf(declared, input)?.type.split(',').includes('STRING');
      return isText ? this.textsAt(inner, links - 1) : [];
    });
  }
}

function joined(found: readonly { text: string }[]): string {
  const different = [...new Set(found.map(({ text }) => text.slice(0, MAX_TEXT)))];
  // PostgreSQL stores no NUL, and no half of a pair.
  const texts = different.map((text) => text.replaceAll('\0', '').toWellFormed().trim()).filter((text) => text !== '');
  return texts.join('\n').slice(0, MAX_TEXT).toWellFormed();
}
