/** The size of a picture that is made from another one: that one's own, or its proportions where one side is given. */
import type { Input, InputValues, Workflow } from '../workflow.js';

type Size = { width: number; height: number };

/** The values, with both sides filled in where the workflow takes them and has no size of its own. */
export function fillSourceSize({ inputs }: Workflow, values: InputValues, source: Size): InputValues {
  const ownSide = (name: string) => inputs.find((input) => input.name === name && input.default === undefined);
  const [width, height] = [ownSide('width'), ownSide('height')];
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

/** What is no number is for the workflow's own checks to refuse. */
const sideOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** The nearest size that the input takes. */
function nearest(side: number, { min = 1, max = Number.MAX_SAFE_INTEGER, step = 1 }: Input): number {
  return Math.min(max, Math.max(min, Math.round(side / step) * step));
}
