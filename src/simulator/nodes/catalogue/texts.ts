/** Switches, texts and numbers. */
import { PythonError, text } from '../../python/python.js';
import type { SimulatedNode } from '../node.js';
import { Conditioning, requireType, Sigmas } from '../values.js';
import { evaluate } from './expression.js';

export const texts: Record<string, SimulatedNode['run']> = {
  ComfySwitchNode: (inputs) => ({ outputs: [inputs.switch ? inputs.on_true : inputs.on_false] }),

  /** Named fields only. */
  StringFormat: (inputs) => ({
    outputs: [
      String(inputs.f_string).replace(/\{(\w)\}/g, (field, name) => {
        const value = inputs[`values.${name}`];
        return value === undefined ? field : text(value);
      }),
    ],
  }),

  StringReplace: ({ string, find, replace }) => ({
    outputs: [String(string).replaceAll(String(find), String(replace))],
  }),

  RegexExtract: (inputs) => {
    const flags = `g${inputs.case_insensitive ? 'i' : ''}${inputs.multiline ? 'm' : ''}${inputs.dotall ? 's' : ''}`;
    const found = [...String(inputs.string).matchAll(new RegExp(String(inputs.regex_pattern), flags))];
    const group = String(inputs.mode).includes('Group') ? Number(inputs.group_index) : 0;
    const parts = found.map((match) => match[group] ?? '');
    return { outputs: [String(inputs.mode).startsWith('All') ? parts.join('\n') : (parts[0] ?? '')] };
  },

  ComfyMathExpression: (inputs) => {
    const names = Object.entries(inputs).filter(([name]) => name.startsWith('values.'));
    const values = Object.fromEntries(names.map(([name, value]) => [name.slice('values.'.length), Number(value)]));
    const result = evaluate(String(inputs.expression), values);
    if (result === undefined) throw new PythonError('ValueError', `Invalid expression: ${inputs.expression}`);
    return { outputs: [result, Math.trunc(result), result !== 0] };
  },

  ConditioningZeroOut: () => ({ outputs: [new Conditioning('')] }),

  ConditioningCombine: ({ conditioning_1, conditioning_2 }) => ({
    outputs: [
      new Conditioning(
        `${requireType(Conditioning, conditioning_1).text} ${requireType(Conditioning, conditioning_2).text}`,
      ),
    ],
  }),

  SplitSigmas: ({ sigmas, step }) => {
    const { steps, denoise } = requireType(Sigmas, sigmas);
    const first = Math.min(steps, Number(step));
    return { outputs: [new Sigmas(first, denoise), new Sigmas(steps - first, steps ? (steps - first) / steps : 0)] };
  },

  ManualSigmas: ({ sigmas }) => ({ outputs: [new Sigmas(Math.max(0, String(sigmas).split(',').length - 1), 1)] }),
};
