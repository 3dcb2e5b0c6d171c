/** Checks the constants of a node by the rules of its class, as `validate_inputs` of ComfyUI's execution.py does. */
import { isString } from '../json/json.js';
import { accepts, type Constant, constantsOf, type InputRule } from '../rules.js';
import { looksLikeLink, unwrapped } from './links.js';

/** Most of what Python's `int()` and `float()` read. `int()` reads no more digits. */
const INTEGER = /^\s*[+-]?\d{1,4300}\s*$/;
/** Each digit can stand in one place only: otherwise a long text that is no number would take minutes. */
const FLOAT = /^\s*[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?\s*$/i;
/** Types that no JSON value stands for. ComfyUI accepts a constant for them, and the node fails. */
const ONLY_LINKED = new Set(
  `MODEL CLIP VAE CONDITIONING LATENT IMAGE MASK NOISE GUIDER SAMPLER SIGMAS CONTROL_NET CLIP_VISION CLIP_VISION_OUTPUT
  STYLE_MODEL GLIGEN UPSCALE_MODEL LATENT_UPSCALE_MODEL MODEL_PATCH AUDIO_ENCODER AUDIO VIDEO MESH VOXEL`.split(/\s+/),
);
const MAX_SHOWN_LENGTH = 100;
const MAX_SHOWN_CHOICES = 5;

type Fault = { kind: 'wrong_type' | 'wrong_value'; what: string; value?: Constant };

/** Returns what is wrong with a value that is no link; undefined if ComfyUI accepts it. */
export function faultOf(rule: InputRule, given: unknown): Fault | undefined {
  const { type, choices } = rule;
  const value = unwrapped(given);
  if (looksLikeLink(value)) return { kind: 'wrong_value', what: `must not look like a link: ${shown(value)}` };
  if (ONLY_LINKED.has(type)) return { kind: 'wrong_type', what: `needs a link to an output of the type ${type}` };
  if (type === 'INT' && !isInt(value))
    return { kind: 'wrong_type', what: `must be a whole number, not ${shown(value)}` };
  if (type === 'FLOAT' && !isFloat(value)) return { kind: 'wrong_type', what: `must be a number, not ${shown(value)}` };
  if (rule.file && !isString(value) && !rule.isMultiple)
    return { kind: 'wrong_type', what: `must be the name of a file, not ${shown(value)}` };
  const constants = constantsOf(given);
  const isListInPlaceOfOne = Array.isArray(value) && !rule.isMultiple;
  if (choices && (constants.length === 0 || isListInPlaceOfOne))
    return { kind: 'wrong_value', what: `must be one of ${listed(choices)}` };
  const wrong = constants.find((each) => !accepts(rule, each));
  if (wrong === undefined) return undefined;
  const expected = choices ? `one of ${listed(choices)}` : bounds(rule);
  return { kind: 'wrong_value', what: `must be ${expected}, not ${shown(wrong)}`, value: wrong };
}

const isInt = (value: unknown): boolean =>
  typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && INTEGER.test(value));

const isFloat = (value: unknown): boolean =>
  typeof value === 'boolean' || Number.isFinite(value) || (typeof value === 'string' && FLOAT.test(value));

function bounds({ min, max }: InputRule): string {
  if (max === undefined) return `at least ${exact(min)}`;
  return min === undefined ? `at most ${exact(max)}` : `from ${exact(min)} to ${exact(max)}`;
}

/** A bound beyond 2^53 as ComfyUI has it: one less than the number that it was rounded to, see `accepts`. */
function exact(bound = 0): string {
  if (Math.abs(bound) <= Number.MAX_SAFE_INTEGER || !Number.isInteger(bound)) return String(bound);
  return String(BigInt(bound) - BigInt(Math.sign(bound)));
}

function listed(choices: ReadonlySet<unknown>): string {
  const first = [...choices].slice(0, MAX_SHOWN_CHOICES).map(shown).join(', ');
  if (choices.size === 0) return 'the choices, of which there are none';
  return choices.size > MAX_SHOWN_CHOICES ? `${choices.size} choices, such as ${first}` : first;
}

const shown = (value: unknown): string => (JSON.stringify(value) ?? 'nothing').slice(0, MAX_SHOWN_LENGTH);
