/** What an imported workflow may be called, from the names that it comes with. */
import type { Draft } from '../workflows/draft';

/** As long as the API takes. */
const MAX_TITLE = 200;
/** Names that ComfyUI and browsers give, with the number behind them. */
const SAYS_NOTHING =
  /^(comfyui|(unsaved )?workflow|untitled|image|img|picture|photo|video|audio|download|output|temp)?[\s\d()]*$/i;
/** ComfyUI counts the files that it saves. */
const COUNTER = /\s\d{5}$/;
/** ComfyUI fills them in, such as `%date:yyyy-MM-dd%`. */
const VARIABLES = /%[^%]*%/g;

type Node = { inputs?: Record<string, unknown> };

/**
 * @param name of the file or the earlier workflow; empty if it has none
 * @returns such as `My poster`; undefined if no name says anything
 */
export const proposedTitle = (name: string, { graph, outputs }: Pick<Draft, 'graph' | 'outputs'>): string | undefined =>
  [name, ...outputs.map(({ nodeId }) => prefixOf((graph as Record<string, Node>)[nodeId]))].map(readable).find(Boolean);

/** @returns the last part, without folders, of the names that a node gives to its files */
function prefixOf(node: Node | undefined): string {
  const prefix = node?.inputs?.filename_prefix;
  return typeof prefix === 'string' ? (prefix.replaceAll(VARIABLES, ' ').split(/[\\/]/).at(-1) ?? '') : '';
}

/** @returns an empty text for a name that says nothing */
function readable(name: string): string {
  const words = name
    .replaceAll(/[_\-\s]+/g, ' ')
    .trim()
    .replace(COUNTER, '');
  return SAYS_NOTHING.test(words) ? '' : (words.charAt(0).toUpperCase() + words.slice(1)).slice(0, MAX_TITLE);
}
