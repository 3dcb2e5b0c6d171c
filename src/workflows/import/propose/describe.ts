/** The type, bounds, choices and default of an input, from the catalogue and the value in the graph. */
import { isNumber } from '../../../comfyui/protocol/json/json.js';
import type { NodeInfo } from '../../../comfyui/protocol/protocol.js';
import type { DraftInput, DraftInputType } from '../draft.js';
import { type ClassInput, DYNAMIC_COMBO } from '../ui/class-inputs.js';
import { isModelList, isSeed, uploadOf } from './class-role.js';

export type Description = Omit<DraftInput, 'name' | 'title' | 'bindings' | 'isAdvanced'>;

const MAX_SEED = 2n ** 64n - 1n;

/** Undefined if no form can ask for it: it is a link, or a value made of several. */
export function describe(input: ClassInput, info: NodeInfo, value: unknown): Description | undefined {
  const type = typeOf(input, info, value);
  if (!type || (typeof value === 'object' && value !== null)) return undefined;
  const isFile = ['IMAGE', 'MASK', 'VIDEO', 'AUDIO', 'FILE'].includes(type);
  const { options } = input;
  const isBounded = type === 'INT' || type === 'FLOAT';
  const bound = (given: unknown) =>
    isBounded && isNumber(given) && Math.abs(given) <= Number.MAX_SAFE_INTEGER ? given : undefined;
  const choices = type === 'CHOICE' ? input.choices?.map(keyOf).filter((choice) => choice !== undefined) : undefined;
  const found = isFile ? undefined : defaultOf(type, value);
  return {
    type,
    // A file that lies on the author's ComfyUI is on no other.
    required: found === undefined,
    default: found,
    min: bound(options.min),
    max: bound(options.max),
    step: bound(options.step),
    choices,
    isMultiline: type === 'STRING' && options.multiline === true,
  };
}

function typeOf(input: ClassInput, info: NodeInfo, value: unknown): DraftInputType | undefined {
  const upload = uploadOf(input, info);
  if (upload) return upload;
  if (isModelList(input, value)) return 'MODEL';
  if (isSeed(input)) return 'SEED';
  const type = input.type.split(',')[0];
  if (type === 'COMBO' || type === DYNAMIC_COMBO)
    return input.choices?.every((choice) => keyOf(choice) !== undefined) ? 'CHOICE' : undefined;
  return type === 'INT' || type === 'FLOAT' || type === 'BOOLEAN' || type === 'STRING' ? type : undefined;
}

/** Lists of numbers and of objects are not choices of text. */
const keyOf = (choice: unknown): string | undefined => (typeof choice === 'string' ? choice : undefined);

function defaultOf(type: DraftInputType, value: unknown): DraftInput['default'] {
  if (type === 'SEED') return seedOf(value);
  if (type === 'INT' || type === 'FLOAT') {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    return isNumber(number) ? number : undefined;
  }
  if (type === 'BOOLEAN') return typeof value === 'boolean' ? value : undefined;
  return typeof value === 'string' ? value : undefined;
}

function seedOf(value: unknown): string | undefined {
  const isWhole = typeof value === 'number' ? Number.isInteger(value) && value >= 0 : /^\d{1,20}$/.test(String(value));
  if (!isWhole) return undefined;
  const seed = BigInt(typeof value === 'number' ? value : String(value));
  return String(seed > MAX_SEED ? MAX_SEED : seed);
}
