/** The GraphQL types of an import. */
import { Field, InputType as GraphQLInput, ID, ObjectType, registerEnumType } from 'type-graphql';
import type { Graph } from '../../comfyui/index.js';
import { MissingPart } from '../../graphql/missing-part.js';
import { JSONValue } from '../../graphql/scalars.js';
import type { DocumentFormat } from '../import/draft.js';
import type { WorkflowDraft } from '../saved/import-workflow.js';
import { NodePlace, toWorkflowInput, WorkflowInput, WorkflowOutput } from './types.js';

const Formats: { [Format in DocumentFormat]: Format } = { API: 'API', UI: 'UI', IMAGE: 'IMAGE' };
registerEnumType(Formats, {
  name: 'DocumentFormat',
  description: 'The format of an imported document.',
  valuesConfig: {
    API: { description: 'A graph, as ComfyUI executes it.' },
    UI: { description: 'A workflow, as ComfyUI’s page saves it.' },
    IMAGE: { description: 'A picture, video or sound that carries its workflow.' },
  },
});

@GraphQLInput({ description: 'The document to import: exactly one of the two.' })
export class ImportWorkflowInput {
  @Field(() => JSONValue, {
    nullable: true,
    description: 'The JSON of a workflow, in either format of ComfyUI, or its text.',
  })
  document?: unknown;

  @Field(() => ID, {
    nullable: true,
    description:
      "The id of one of the viewer's images or filled uploads: a JSON file, or a picture, video or sound that ComfyUI saved with its workflow.",
  })
  upload?: string | null;
}

@ObjectType({ description: 'A proposed input of a workflow, and the places in the graph that take its value.' })
class WorkflowDraftInput extends NodePlace {
  @Field(() => [NodePlace], { description: 'Further places that take the same value: `also` of `saveWorkflow`.' })
  also!: NodePlace[];

  @Field(() => WorkflowInput, { description: 'Its name, type, default and bounds.' })
  proposal!: WorkflowInput;
}

@ObjectType({ description: 'Something that could not be carried over, or that ComfyUI would refuse.' })
class WorkflowProblem {
  @Field(() => String, { nullable: true, description: 'The id of the node, in the graph or in the document.' })
  nodeId!: string | null;

  @Field(() => String, { nullable: true, description: 'The class of the node.' })
  nodeType!: string | null;

  @Field(() => String, { description: 'A sentence for people.' })
  message!: string;
}

@ObjectType('WorkflowDraft', {
  description:
    'What an imported document holds, before anything is saved: check it, change it, and pass it to `saveWorkflow`.',
})
export class WorkflowDraftType {
  @Field(() => Formats, { description: 'The format of the document.' })
  format!: DocumentFormat;

  @Field(() => JSONValue, { description: 'In ComfyUI’s API format.' })
  graph!: Graph;

  @Field(() => [WorkflowDraftInput], {
    description:
      'From the form of its author if the document has one, else proposed: prompts, model, size, seed, pictures.',
  })
  inputs!: WorkflowDraftInput[];

  @Field(() => [WorkflowOutput], { description: 'The nodes whose files or texts are kept.' })
  outputs!: WorkflowOutput[];

  @Field(() => [MissingPart], {
    description: 'The node classes and models that the ComfyUI which lacks least of them does not have.',
  })
  missing!: MissingPart[];

  @Field(() => [WorkflowProblem], {
    description:
      'What could not be carried over, and what ComfyUI would refuse beside missing parts; empty if nothing.',
  })
  problems!: WorkflowProblem[];
}

export const toDraftType = ({ inputs, problems, ...draft }: WorkflowDraft): WorkflowDraftType => ({
  ...draft,
  inputs: inputs.map(({ proposal, ...places }) => ({
    ...places,
    proposal: toWorkflowInput(proposal, undefined),
  })),
  problems: problems.map(({ nodeId = null, nodeType = null, message }) => ({ nodeId, nodeType, message })),
});
