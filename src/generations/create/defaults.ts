/** What a creation takes where its input says nothing, told before it. */
import { Field, ObjectType } from 'type-graphql';
import type { Viewer } from '../../accounts/viewer.js';
import { notFound } from '../../graphql/errors.js';
import { WorkflowType } from '../../workflows/api/types.js';
import type { Workflow } from '../../workflows/workflow.js';
import { chooseFamily, ignoreRefusal } from './choose-family.js';
import type { DraftServices } from './draft.js';
import { chooseModel } from './models.js';

@ObjectType({ description: 'What `createGeneration` takes where its input says nothing.' })
export class GenerationDefaults {
  @Field(() => WorkflowType, {
    description:
      'The workflow that runs, with the defaults of its inputs: the given one, or that of the family of the model.',
  })
  workflow!: Workflow;

  @Field(() => String, {
    nullable: true,
    description: 'The name of the model that runs; null if none is chosen for this workflow, or none is there yet.',
  })
  model!: string | null;
}

/** @throws NOT_FOUND for a workflow that the viewer may not use */
export async function defaultsOf(
  viewer: Viewer,
  name: string,
  model: string | undefined,
  services: DraftServices,
): Promise<GenerationDefaults> {
  const found = await services.workflows.find({ userId: viewer.id, name });
  if (!found) throw notFound('workflow');
  const { workflow, given } = await chooseFamily(found, model === undefined ? {} : { model }, services);
  const known = typeof given.model === 'string' ? given.model : undefined;
  // A saved graph keeps its own model.
  if (workflow.saved && known === undefined) return { workflow, model: null };
  const chosen = await chooseModel(workflow, known, services).catch(ignoreRefusal);
  return { workflow, model: chosen?.name ?? null };
}
