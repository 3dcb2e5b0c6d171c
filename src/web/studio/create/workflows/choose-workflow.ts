/** Which workflow the form starts with, and which one takes a file. */

import type { FileKind } from '../files/file-types';
import { takes } from '../files/file-types';
import { type FileType, isFileType } from '../inputs/form-input';
import type { WorkflowChoice } from './queries';

const FIRST = 'text-to-image';
const FOR_PICTURES = 'image-to-image';

const keyOf = (owner: string) => `comfygraph:workflow:${owner}`;

export const storeChoice = (owner: string, name: string): void => localStorage.setItem(keyOf(owner), name);

export function firstWorkflow(workflows: readonly WorkflowChoice[], owner: string): WorkflowChoice | undefined {
  const named = (name: string | null) => workflows.find((workflow) => workflow.name === name);
  return named(localStorage.getItem(keyOf(owner))) ?? named(FIRST) ?? workflows[0];
}

/** @returns the name of the workflow's first input that takes such a file */
export const inputFor = ({ inputs }: WorkflowChoice, kind: FileKind): string | undefined =>
  inputs.find(({ type }) => isFileType(type) && type !== 'MASK' && takes(type satisfies FileType, kind))?.name;

/** @returns the current workflow if it takes such a file, else one that does */
export function workflowFor(
  workflows: readonly WorkflowChoice[],
  current: WorkflowChoice | undefined,
  kind: FileKind,
): WorkflowChoice | undefined {
  const fits = workflows.filter((workflow) => inputFor(workflow, kind));
  const names = current ? [current.name, `${current.name}-${FOR_PICTURES}`, `${current.name}-edit`] : [];
  return (
    [...names, FOR_PICTURES].flatMap((name) => fits.filter((workflow) => workflow.name === name))[0] ??
    fits.find(({ missing }) => missing.length === 0) ??
    fits[0]
  );
}
