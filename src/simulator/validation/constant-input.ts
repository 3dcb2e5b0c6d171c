/** Validates one constant input: converts it to its type, in place, and checks its range and choices. */
import type { InputSpec, ValidationError } from '../../comfyui/protocol/protocol.js';
import { isObject } from '../python/json.js';
import { floatText, repr, text, toBool, toFloat, toInt } from '../python/python.js';
import { isSince, type Version } from '../version.js';
import { asPythonError, inputInfo, validationError } from './validation-error.js';

/** An error does not repeat a list of choices that is longer. */
const MAX_LISTED_CHOICES = 20;

type Inputs = Record<string, unknown>;

export function convert(name: string, spec: InputSpec, inputs: Inputs): ValidationError | undefined {
  const [type] = spec;
  let value = inputs[name];
  // Wraps a list, which would be a link otherwise.
  if (isObject(value) && Object.hasOwn(value, '__value__')) value = inputs[name] = value.__value__;
  try {
    if (type === 'INT') inputs[name] = toInt(value);
    else if (type === 'FLOAT') inputs[name] = toFloat(value);
    else if (type === 'STRING') inputs[name] = text(value);
    else if (type === 'BOOLEAN') inputs[name] = toBool(value);
    return undefined;
  } catch (error) {
    const { message } = asPythonError(error);
    const title = `Failed to convert an input value to a ${text(type)} value`;
    const extra = { ...inputInfo(name, spec), received_value: value, exception_message: message };
    return validationError('invalid_input_type', title, `${name}, ${text(value)}, ${message}`, extra);
  }
}

export function compare(name: string, spec: InputSpec, inputs: Inputs, version: Version): ValidationError | undefined {
  const value = inputs[name];
  const [, options = {}] = spec;
  const extra = { ...inputInfo(name, spec), received_value: value };
  const outOfRange = range(name, spec, value, extra);
  if (outOfRange) return outOfRange;
  const choices = choicesOf(spec, version);
  const isMultiple = Array.isArray(value) && options.multiselect === true && isSince('0.4', version);
  const values = isMultiple ? value : [value];
  const bad = choices && values.filter((each) => !choices.includes(each));
  if (!bad || bad.length === 0) return undefined;
  const isLong = choices.length > MAX_LISTED_CHOICES;
  const list = isLong ? `(list of length ${choices.length})` : repr(choices);
  const details = `${name}: ${bad.map((each) => `'${text(each)}'`).join(', ')} not in ${list}`;
  return validationError(
    'value_not_in_list',
    'Value not in list',
    details,
    isLong ? { ...extra, input_config: null } : extra,
  );
}

function range(
  name: string,
  [type, options = {}]: InputSpec,
  value: unknown,
  extra: Inputs,
): ValidationError | undefined {
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined;
  const { min, max } = options as { min?: number | bigint; max?: number | bigint };
  const show = (each: number | bigint) => (type === 'FLOAT' ? floatText(Number(each)) : String(each));
  if (min !== undefined && value < min) {
    return validationError(
      'value_smaller_than_min',
      `Value ${show(value)} smaller than min of ${show(min)}`,
      name,
      extra,
    );
  }
  if (max !== undefined && value > max) {
    return validationError(
      'value_bigger_than_max',
      `Value ${show(value)} bigger than max of ${show(max)}`,
      name,
      extra,
    );
  }
  return undefined;
}

/** 0.3.64 does not check the newer form of a choice. */
function choicesOf([type, options = {}]: InputSpec, version: Version): unknown[] | undefined {
  if (Array.isArray(type)) return type;
  const isChecked = type === 'COMBO' && version !== '0.3.64';
  return isChecked && Array.isArray(options.options) ? options.options : undefined;
}
