/** Chooses the size of a picture that is made from a source: the size of the source, or its proportions where one side is given. */
import type { Input, InputValues, Workflow } from '../workflow.js';

type Size = { width: number; height: number };

/** Fills in width and height if the workflow has these inputs without defaults. */
export function fillSourceSize({ inputs }: Workflow, values: InputValues, source: Size): InputValues {
  const sideInput = (name: string) => inputs.find((input) => input.name === name && input.default === undefined);
  const [width, height] = [sideInput('width'), sideInput('height')];
  if (!width || !height) return values;
  const given = { width: sideOf(values.width), height: sideOf(values.height) };
  const scale =
    given.width === undefined && given.height === undefined
      ? Math.min(1, (width.max ?? source.width) / source.width, (height.max ?? source.height) / source.height)
      : (given.width ?? 0) / source.width || (given.height ?? 0) / source.height;
  return {
    ...values,
    width: values.width ?? nearest(source.width * scale, width),
    height: values.height ?? nearest(source.height * scale, height),
  };
}

/** `validateInputs` rejects other types. */
const sideOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The nearest size that the input allows. */
function nearest(side: number, { min = 1, max = Number.MAX_SAFE_INTEGER, step = 1 }: Input): number {
  return Math.min(max, Math.max(min, Math.round(side / step) * step));
}
