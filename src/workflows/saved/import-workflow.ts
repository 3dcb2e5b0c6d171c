/** The command that imports a document: a draft that `saveWorkflow` takes. It saves nothing. */
import type { Viewer } from '../../accounts/viewer.js';
import type { Problem as GraphProblem } from '../../comfyui/index.js';
import { badUserInput, Refusal } from '../../graphql/errors.js';
import type { MissingPart } from '../../graphql/missing-part.js';
import { classNames } from '../import/class-names.js';
import type { Draft, DraftInput, Problem } from '../import/draft.js';
import { readSource, toBareDraft, toDraft } from '../import/import.js';
import type { Input, Place } from '../workflow.js';
import { naturalOf } from './natural-type.js';
import type { SavedServices } from './services.js';

/** An input with the first of its places, and the others as `also`. */
type ProposedInput = Place & { also: Place[]; proposal: Input };

export type WorkflowDraft = Omit<Draft, 'inputs'> & { inputs: ProposedInput[]; missing: MissingPart[] };

/** Gives the bytes of a file, the text of one, or parsed JSON. Nothing holds a file while ComfyUI is asked for the classes in it. */
type Read = () => unknown;

/**
 * @param field the input that the document is from
 * @throws FORBIDDEN, COMFYUI_UNAVAILABLE, BAD_USER_INPUT for the field
 */
export async function importWorkflow(
  viewer: Viewer,
  read: Read,
  field: string,
  services: SavedServices,
): Promise<WorkflowDraft> {
  const { backends, nodePolicy } = services;
  nodePolicy.requireAuthor(viewer);
  const { inputs, ...draft } = await readDraft(read, field, services);
  const { graph } = draft;
  const found = backends.check(graph);
  return {
    ...draft,
    inputs: inputs.map((input) => toProposed(input, graph, services)),
    missing: backends.missingParts(found, graph),
    problems: [...draft.problems, ...faultsOf(found, graph)],
  };
}

/** What is wrong with the graph beside missing parts. Reading the document reports a ring by each of its nodes. */
const faultsOf = (found: readonly GraphProblem[], graph: Draft['graph']): Problem[] =>
  found
    .filter(({ kind, missing }) => missing === undefined && kind !== 'cycle')
    .map(({ message, nodeId }) => {
      const nodeType = nodeId === undefined ? undefined : graph[nodeId]?.class_type;
      return {
        code: 'REFUSED',
        message,
        ...(nodeId !== undefined && { nodeId }),
        ...(nodeType !== undefined && { nodeType }),
      };
    });

/**
 * @param field the input that the document is from
 * @throws COMFYUI_UNAVAILABLE for a document without a graph while no ComfyUI describes the classes, BAD_USER_INPUT for the field
 */
export async function readDraft(read: Read, field: string, { backends }: SavedServices): Promise<Draft> {
  try {
    const source = readSource(await read());
    const catalogue = await backends.classInfo(classNames(source)).catch((error: unknown) => {
      if (isRefusal(error, 'COMFYUI_UNAVAILABLE')) return error;
      throw error;
    });
    if (!(catalogue instanceof Refusal)) return toDraft(source, catalogue);
    const draft = toBareDraft(source);
    if (!draft) throw catalogue;
    return draft;
  } catch (error) {
    throw isRefusal(error, 'BAD_USER_INPUT') ? badUserInput(error.message, field) : error;
  }
}

const isRefusal = (error: unknown, code: Refusal['code']): error is Refusal =>
  error instanceof Refusal && error.code === code;

function toProposed(input: DraftInput, graph: Draft['graph'], { backends }: SavedServices): ProposedInput {
  const { bindings, default: value, min, max, step, choices, ...rest } = input;
  const [place, ...also] = bindings;
  const natural = naturalOf(graph, place, graph[place.nodeId]?.inputs[place.input], backends.rulesOf);
  const modelKind = typeof natural === 'object' ? natural.modelKind : undefined;
  const proposal: Input = {
    ...rest,
    ...(value !== undefined && { default: value }),
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...(step !== undefined && { step }),
    ...(choices && { choices }),
    ...(modelKind && { modelKind }),
  };
  return { ...place, also, proposal };
}
