/** The API of workflows. */
import { Arg, Ctx, FieldResolver, ID, Int, Mutation, Query, Resolver, Root } from 'type-graphql';
import { User } from '../../accounts/user.js';
import type { UserRow } from '../../accounts/user-rows.js';
import { requireViewer } from '../../accounts/viewer.js';
import { badUserInput, forbidden, notFound } from '../../graphql/errors.js';
import { MissingPart } from '../../graphql/missing-part.js';
import { JSONValue } from '../../graphql/scalars.js';
import type { WorkflowsContext } from '../context.js';
import { defaultGraph } from '../sample-graph.js';
import { deleteWorkflow, saveWorkflow, shareWorkflow } from '../saved/save.js';
import { isUsableBy, type SavedPart, type Workflow } from '../workflow.js';
import { toBinding, WorkflowBindingType } from './binding-type.js';
import { SaveWorkflowInput } from './save-input.js';
import { toWorkflowInput, WorkflowInput, WorkflowType } from './types.js';

const NAME = { description: "The workflow's name." };

const mayReadGraph = ({ ownerId }: SavedPart, viewer: WorkflowsContext['viewer']): boolean =>
  ownerId === viewer?.id || viewer?.role === 'ADMIN';

@Resolver(() => WorkflowType)
export class WorkflowsResolver {
  @Query(() => [WorkflowType], {
    nullable: true,
    description: 'The newest version of each workflow that the viewer may use: own, shared and built-in ones.',
  })
  workflows(@Ctx() context: WorkflowsContext): Promise<readonly Workflow[]> {
    return context.workflows.list(requireViewer(context).id);
  }

  @Query(() => WorkflowType, {
    nullable: true,
    description:
      "A workflow by its name, the newest version unless `version` is given, or by its id. NOT_FOUND for an unknown name or id, FORBIDDEN for the id of another user's workflow that is not shared.",
  })
  async workflow(
    @Arg('name', () => String, { ...NAME, nullable: true }) name: string | null | undefined,
    @Arg('id', () => ID, { nullable: true, description: 'The id of one version.' }) id: string | null | undefined,
    @Arg('version', () => Int, { nullable: true, description: 'A version of the name.' })
    version: number | null | undefined,
    @Ctx() context: WorkflowsContext,
  ): Promise<Workflow> {
    const userId = requireViewer(context).id;
    if ((name == null) === (id == null)) throw badUserInput('Give name or id, and not both', 'name');
    if (id != null && version != null) throw badUserInput('version is for a name: an id names one version', 'version');
    const found =
      id != null
        ? await context.workflows.findById(id)
        : await context.workflows.find({ userId, name: String(name), version: version ?? null });
    if (!found) throw notFound('workflow');
    if (!isUsableBy(found, userId)) throw forbidden('This workflow belongs to another user');
    return found;
  }

  @Query(() => Boolean, {
    nullable: true,
    description:
      'Whether WORKFLOW_AUTHORS lets the viewer write workflows: with `importWorkflow`, `saveWorkflow`, and `graph` of `createGeneration`.',
  })
  mayWriteWorkflows(@Ctx() context: WorkflowsContext): boolean {
    return context.nodePolicy.isAuthor(requireViewer(context));
  }

  @Mutation(() => WorkflowType, {
    nullable: true,
    description:
      'Saves a workflow, as the next version of its name. Counts as a creation for the rate limit. FORBIDDEN unless WORKFLOW_AUTHORS lets the viewer; BAD_USER_INPUT names the node at fault as `nodeId`.',
  })
  async saveWorkflow(
    @Arg('input', () => SaveWorkflowInput, { description: 'The workflow to save.' }) input: SaveWorkflowInput,
    @Ctx() context: WorkflowsContext,
  ): Promise<Workflow> {
    const viewer = requireViewer(context);
    await context.rateLimits.take('creation', viewer.id);
    return await saveWorkflow(viewer, input, context);
  }

  @Mutation(() => WorkflowType, {
    nullable: true,
    description:
      "For admins: whether everyone may use the viewer's own workflow, in all of its versions. Returns the newest version. NOT_FOUND for an unknown name.",
  })
  shareWorkflow(
    @Arg('name', () => String, NAME) name: string,
    @Arg('isShared', () => Boolean, { description: 'Whether everyone may use it.' }) isShared: boolean,
    @Ctx() context: WorkflowsContext,
  ): Promise<Workflow> {
    return shareWorkflow(requireViewer(context), name, isShared, context);
  }

  @Mutation(() => String, {
    nullable: true,
    description:
      "Removes the name of the viewer's own workflow from `workflows` and from creation. Its versions stay reachable from generations. Returns the name; NOT_FOUND the second time.",
  })
  deleteWorkflow(@Arg('name', () => String, NAME) name: string, @Ctx() context: WorkflowsContext): Promise<string> {
    return deleteWorkflow(requireViewer(context), name, context);
  }

  @FieldResolver(() => String, { description: 'A name for people: the workflow’s name if the author gave none.' })
  title(@Root() { title, name }: Workflow): string {
    return title ?? name;
  }

  @FieldResolver(() => [WorkflowInput], { description: 'The inputs of the workflow.' })
  inputs(@Root() workflow: Workflow, @Ctx() { backends }: WorkflowsContext): WorkflowInput[] {
    return workflow.inputs.map((input) => toWorkflowInput(input, backends.choices(input)));
  }

  @FieldResolver(() => [MissingPart], {
    description:
      'The node classes and models that the ComfyUI which lacks least of them does not have. Empty if one can run the workflow, or its catalogue was never read.',
  })
  missing(@Root() workflow: Workflow, @Ctx() { backends }: WorkflowsContext): MissingPart[] {
    const graph = defaultGraph(workflow);
    return backends.missingParts(backends.check(graph), graph);
  }

  @FieldResolver(() => User, {
    nullable: true,
    description: 'The owner. Null for a built-in workflow, and for the shared workflow of another user.',
  })
  owner(@Root() { saved }: Workflow, @Ctx() context: WorkflowsContext): Promise<UserRow> | null {
    return saved?.ownerId != null && saved.ownerId === context.viewer?.id
      ? context.loaders.users.load(saved.ownerId)
      : null;
  }

  @FieldResolver(() => Boolean, { description: 'Whether everyone may use it. Admins decide.' })
  isShared(@Root() { saved }: Workflow): boolean {
    return saved?.isShared ?? true;
  }

  @FieldResolver(() => Boolean, {
    description: 'False for a workflow that only keeps a graph of `createGeneration`: it is in no list.',
  })
  isListed(@Root() { saved }: Workflow): boolean {
    return saved?.isListed ?? true;
  }

  @FieldResolver(() => JSONValue, {
    nullable: true,
    description: 'In ComfyUI’s API format, for its owner and for admins; null for others, and for a built-in workflow.',
  })
  graph(@Root() { saved }: Workflow, @Ctx() { viewer }: WorkflowsContext): unknown {
    return saved && mayReadGraph(saved, viewer) ? saved.graph : null;
  }

  @FieldResolver(() => [WorkflowBindingType], {
    nullable: true,
    description: 'The inputs and their places in the graph, to change and save again; null where `graph` is null.',
  })
  bindings(
    @Root() { inputs, saved }: Workflow,
    @Ctx() { viewer }: WorkflowsContext,
  ): readonly WorkflowBindingType[] | null {
    if (!saved || !mayReadGraph(saved, viewer)) return null;
    return inputs.map((input) => toBinding(input, saved.places.get(input.name) ?? []));
  }

  @FieldResolver(() => Date, { nullable: true, description: 'When this version was saved; null for a built-in one.' })
  createdAt(@Root() { saved }: Workflow): string | null {
    return saved?.createdAt ?? null;
  }
}
