/** What a form shows of the inputs of built-in workflows, whose titles and groups the API leaves to the page. */
import type { FormInput } from './form-input';

/** The built-in inputs that have words of the page, `input.<name>`. */
const NAMED = [
  'prompt',
  'negativePrompt',
  'model',
  'seed',
  'steps',
  'guidance',
  'sampler',
  'scheduler',
  'width',
  'height',
  'batchSize',
  'source',
  'loras',
  'denoise',
  'lyrics',
  'seconds',
  'length',
  'textEncoder',
  'textEncoder2',
  'lowNoiseModel',
  'vae',
] as const;

type Named = (typeof NAMED)[number];

/** @returns the key of the input's words if its author gave it no title */
export const nameOf = ({ name, title }: Pick<FormInput, 'name' | 'title'>): Named | undefined =>
  title === name ? NAMED.find((each) => each === name) : undefined;

const MULTILINE = ['prompt', 'negativePrompt', 'lyrics'];
const ADVANCED = ['negativePrompt', 'steps', 'guidance', 'sampler', 'scheduler', 'batchSize'];
/** They run the workflow of the model's family, with the defaults of that family. */
const CHOOSES_FAMILY = ['text-to-image', 'image-to-image', 'inpaint'];
const OF_THE_FAMILY = ['steps', 'guidance', 'sampler', 'scheduler', 'width', 'height'];
/** The first inputs of a form. */
const ORDER = ['source', 'prompt', 'lyrics', 'negativePrompt', 'model', 'width', 'height', 'seed', 'loras'];

/** @param workflow a built-in one */
export function presentBuiltIn(workflow: string, inputs: readonly FormInput[]): FormInput[] {
  const isOpen = (name: string) => CHOOSES_FAMILY.includes(workflow) && OF_THE_FAMILY.includes(name);
  const rank = ({ name }: FormInput) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return inputs
    .map((input) => ({
      ...input,
      default: isOpen(input.name) ? null : input.default,
      isMultiline: input.isMultiline || MULTILINE.includes(input.name),
      isAdvanced: input.isAdvanced || ADVANCED.includes(input.name),
    }))
    .sort((one, other) => rank(one) - rank(other));
}

/** The step of a slider and of the arrow keys. */
export function stepOf({ type, step, min, max }: FormInput): number {
  if (step) return step;
  if (type === 'INT') return 1;
  const range = (max ?? Number.POSITIVE_INFINITY) - (min ?? 0);
  if (range <= 2) return 0.01;
  return range <= 50 ? 0.1 : 1;
}
