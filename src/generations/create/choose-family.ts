/** Chooses the family of a model: `text-to-image` with a model of Z-Image runs the graph of Z-Image. */
import { Refusal } from '../../graphql/errors.js';
import { familiesOf } from '../../workflows/built-in/index.js';
import { FOR_PICTURES, fits } from '../../workflows/preferred.js';
import type { InputValues, Workflow } from '../../workflows/workflow.js';
import type { DraftServices } from './draft.js';
import { chooseModel } from './models.js';

type Choice = { workflow: Workflow; given: InputValues };

/** Returns the given workflow where the model, or the default model, is of no other family. */
export async function chooseFamily(workflow: Workflow, given: InputValues, services: DraftServices): Promise<Choice> {
  const unchanged = { workflow, given };
  const families = familiesOf(workflow);
  if (families.length === 0 || (given.model != null && typeof given.model !== 'string')) return unchanged;
  const known = given.model ?? services.configuredModel;
  const name = known ?? (await nameOfDefault(workflow, services));
  if (name === undefined) return unchanged;
  for (const family of families) {
    // Without a checkpoint, any family will do.
    if (name !== null && !family.recognises(name)) continue;
    const model = await chooseModel(family, name ?? undefined, services).catch(ignoreRefusal);
    // A name may fit the files of two folders.
    if (model) return { workflow: family, given: { ...withoutDefaults(workflow, family, given), model: model.name } };
  }
  return unchanged;
}

/** Null if there is no model that may make pictures, undefined if there may be one in a catalogue that is unread. */
async function nameOfDefault(workflow: Workflow, services: DraftServices): Promise<string | undefined | null> {
  const model = await chooseModel(workflow, undefined, services).catch(ignoreRefusal);
  return model === null || (model && !fits(model.name, [FOR_PICTURES])) ? null : model?.name;
}

/** The family may lack an input, such as `negativePrompt`, whose value is the default and says nothing. */
function withoutDefaults(workflow: Workflow, { inputs }: Workflow, given: InputValues): InputValues {
  const taken = new Set(inputs.map(({ name }) => name));
  const isEmpty = (name: string, value: unknown) =>
    !taken.has(name) && workflow.inputs.some((input) => input.name === name && input.default === value);
  return Object.fromEntries(Object.entries(given).filter(([name, value]) => !isEmpty(name, value)));
}

/** Returns null for an unknown model; rethrows every other error, such as one of the database. */
export function ignoreRefusal(error: unknown): null {
  if (error instanceof Refusal) return null;
  throw error;
}
