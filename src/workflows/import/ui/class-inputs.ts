/** The inputs of a class as ComfyUI's page builds them: which become widgets, in which order, and what a file saves beside them. */
import { isObject, isString, type JsonObject, own } from '../../../comfyui/protocol/json/json.js';
import type { NodeInfo, ObjectInfo } from '../../../comfyui/protocol/protocol.js';

export type ClassInput = {
  name: string;
  type: string;
  options: JsonObject;
  isRequired: boolean;
  /** The choices of a list. */
  choices: unknown[] | undefined;
};

/** Types whose value the page makes when it sends a workflow: it uploads a recording or a view. */
const MADE_ON_SENDING = ['WEBCAM', 'AUDIO_RECORD', 'LOAD_3D', 'LOAD_3D_ANIMATION', 'PAINTER'];

/** Types for which the page makes a widget; every other type is a socket. */
const WIDGET_TYPES = new Set([
  ...MADE_ON_SENDING,
  ...`INT FLOAT STRING BOOLEAN COMBO COMFY_DYNAMICCOMBO_V3 COLOR MARKDOWN BOUNDING_BOX IMAGECOMPARE CURVE RANGE CHART
  GALLERIA TEXTAREA`.split(/\s+/),
]);

export const DYNAMIC_COMBO = 'COMFY_DYNAMICCOMBO_V3';
export const AUTOGROW = 'COMFY_AUTOGROW_V3';

export const classOf = (catalogue: ObjectInfo, type: string): NodeInfo | undefined => own(catalogue, type);

/** A catalogue outlives many imports. */
const known = new WeakMap<NodeInfo, readonly ClassInput[]>();

/** In the order of the page. */
export function inputsOf(info: NodeInfo): readonly ClassInput[] {
  const inputs = known.get(info) ?? readInputs(info.input, info.input_order);
  known.set(info, inputs);
  return inputs;
}

/** Reads `{required, optional}`: of a class, or of an option of a dynamic combo. */
export function readInputs(input: unknown, order: unknown = undefined): ClassInput[] {
  const groups = isObject(input) ? input : {};
  const orders = isObject(order) ? order : {};
  return (['required', 'optional'] as const).flatMap((group) => {
    const specs = new Map(Object.entries(isObject(groups[group]) ? groups[group] : {}));
    const listed = (Array.isArray(orders[group]) ? orders[group] : []).filter(isString);
    const names = new Set([...listed.filter((name) => specs.has(name)), ...specs.keys()]);
    return [...names].map((name) => readInput(name, specs.get(name), group === 'required'));
  });
}

function readInput(name: string, spec: unknown, isRequired: boolean): ClassInput {
  const [given, more]: unknown[] = Array.isArray(spec) ? spec : [spec];
  const options = isObject(more) ? more : {};
  const choices = Array.isArray(given) ? given : Array.isArray(options.options) ? options.options : undefined;
  return { name, type: isString(given) ? given : 'COMBO', options, isRequired, choices };
}

export const isWidget = ({ type, options }: ClassInput): boolean =>
  !options.forceInput && WIDGET_TYPES.has(isString(options.widgetType) ? options.widgetType : type);

export const isMadeOnSending = ({ type }: ClassInput): boolean => MADE_ON_SENDING.includes(type);

/** The inputs that the chosen option of a dynamic combo adds, with their full names. */
export function optionInputs(combo: ClassInput, value: unknown): ClassInput[] {
  const option = (combo.choices ?? []).find((each): each is JsonObject => isObject(each) && each.key === value);
  return readInputs(option?.inputs).map((each) => ({ ...each, name: `${combo.name}.${each.name}` }));
}

/** How many places of `widgets_values` follow the widget that are not inputs. */
export function controlsAfter({ name, type, options }: ClassInput): number {
  const isControlled = options.control_after_generate ?? (type === 'INT' && (name === 'seed' || name === 'noise_seed'));
  if (!isControlled) return 0;
  return type === 'COMBO' ? 2 : 1;
}

/** The value of a widget that the file has no value for; undefined for a list without choices. */
export function defaultOf({ type, options, choices }: ClassInput): unknown {
  if (options.default !== undefined) return options.default;
  const first = choices?.[0];
  if (type === DYNAMIC_COMBO) return isObject(first) ? first.key : undefined;
  if (type === 'COMBO') return first;
  if (type === 'IMAGECOMPARE') return {};
  return type === 'INT' || type === 'FLOAT' ? 0 : type === 'BOOLEAN' ? false : type === 'STRING' ? '' : undefined;
}
