/** Names the values in `widgets_values`. */
import { isObject, type JsonObject } from '../../../comfyui/protocol/json/json.js';
import type { NodeInfo } from '../../../comfyui/protocol/protocol.js';
import {
  type ClassInput,
  controlsAfter,
  DYNAMIC_COMBO,
  defaultOf,
  inputsOf,
  isWidget,
  optionInputs,
} from './class-inputs.js';
import type { UiNode } from './document.js';

type WidgetValue = { input: ClassInput | undefined; value: unknown };

type WidgetValues = {
  /** By the name of the input. */
  values: Map<string, WidgetValue>;
  /** Values that no widget of the class takes. */
  rest: readonly unknown[];
  /** Names of values that the class does not declare. */
  undeclared: readonly string[];
};

export function widgetValues({ values, named }: Pick<UiNode, 'values' | 'named'>, info: NodeInfo): WidgetValues {
  const inputs = inputsOf(info);
  if (!Array.isArray(values)) {
    const found = byName(inputs, values as JsonObject);
    return { values: found, rest: [], undeclared: addFormatValues(found, inputs, values as JsonObject) };
  }
  if (named) return { values: byName(inputs, named), rest: [], undeclared: [] };
  return byPosition(inputs, withoutDummies(inputs, values));
}

/** Players and buttons that custom packages save beside the values. */
const NOT_INPUTS = new Set(['videopreview', 'upload', 'audioUI', 'choose file to upload', 'choose video to upload']);

function byName(inputs: readonly ClassInput[], given: JsonObject): Map<string, WidgetValue> {
  const found = new Map<string, WidgetValue>();
  const read = (input: ClassInput): void => {
    if (!isWidget(input)) return;
    const value = Object.hasOwn(given, input.name) ? given[input.name] : defaultOf(input);
    found.set(input.name, { input, value });
    if (input.type === DYNAMIC_COMBO) for (const each of optionInputs(input, value)) read(each);
  };
  for (const input of inputs) read(input);
  return found;
}

/** Adds values that no widget of ours takes. Returns the names that nothing declares. */
function addFormatValues(found: Map<string, WidgetValue>, inputs: readonly ClassInput[], given: JsonObject): string[] {
  const declared = new Map(inputs.map((input) => [input.name, input]));
  const formats = new Set(inputs.flatMap((input) => formatInputs(input, found.get(input.name)?.value)));
  const others = Object.keys(given).filter((name) => !found.has(name) && !NOT_INPUTS.has(name));
  return others.filter((name) => {
    const isLora = LORA_ROW.test(name) && isObject(given[name]);
    if (!declared.has(name) && !formats.has(name) && !isLora) return true;
    found.set(name, { input: declared.get(name), value: given[name] });
    return false;
  });
}

/** The class of rgthree takes any number of them, and declares none. */
const LORA_ROW = /^lora_\d+$/;

/** VideoHelperSuite: `formats: { "video/h264-mp4": [["crf", "INT", …], …] }`. */
function formatInputs({ options: { formats } }: ClassInput, value: unknown): string[] {
  const chosen = isObject(formats) && Object.hasOwn(formats, String(value)) ? formats[String(value)] : undefined;
  return (Array.isArray(chosen) ? chosen : []).flatMap((entry) => (Array.isArray(entry) ? [String(entry[0])] : []));
}

function byPosition(inputs: readonly ClassInput[], given: readonly unknown[]): WidgetValues {
  const values = new Map<string, WidgetValue>();
  let next = 0;
  const read = (input: ClassInput): void => {
    if (!isWidget(input)) return;
    const value = next < given.length ? given[next] : defaultOf(input);
    next += 1;
    values.set(input.name, { input, value });
    if (input.type === DYNAMIC_COMBO) for (const each of optionInputs(input, value)) read(each);
    next += controlsAfter(input);
  };
  for (const input of inputs) read(input);
  return { values, rest: given.slice(next), undeclared: [] };
}

/** Old pages saved a value for sockets with `forceInput`, too. The count tells whether this file has them. */
function withoutDummies(inputs: readonly ClassInput[], given: readonly unknown[]): readonly unknown[] {
  const isDummy = inputs
    .filter((input) => isWidget(input) || input.options.forceInput)
    .flatMap((input) => {
      const isForced = Boolean(input.options.forceInput);
      return input.options.control_after_generate ? [isForced, false] : [isForced];
    });
  return isDummy.length === given.length ? given.filter((_, index) => !isDummy[index]) : given;
}

/** ComfyUI takes every bare list for a link. */
export const asConstant = (value: unknown): unknown => (Array.isArray(value) ? { __value__: value } : value);

/** Whether a value can be what the input takes: null where a type is unknown. */
export function fits({ type }: ClassInput, value: unknown): boolean {
  if (type === 'INT' || type === 'FLOAT')
    return (typeof value === 'number' && Number.isFinite(value)) || isNumberText(value) || typeof value === 'boolean';
  if (type === 'BOOLEAN') return typeof value === 'boolean' || typeof value === 'number' || typeof value === 'string';
  if (type === 'STRING') return typeof value !== 'object';
  return type !== 'COMBO' || !isObject(value);
}

const isNumberText = (value: unknown): boolean =>
  typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
