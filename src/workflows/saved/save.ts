/** The commands of saved workflows. */
import { v7 as uuid } from 'uuid';
import { requireAdmin, type Viewer } from '../../accounts/viewer.js';
import { badUserInput, forbidden, notFound } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { WORKFLOW_LIMITS } from '../graph/limits.js';
import { parseGraph } from '../graph/parse-graph.js';
import type { Workflow } from '../workflow.js';
import { type Binding, resolveBindings } from './bindings.js';
import { checkGraph } from './check-graph.js';
import { isName, validateName } from './names.js';
import { type OutputBinding, resolveOutputs } from './outputs.js';
import {
  countVersions,
  findSaved,
  insertNextVersion,
  markNameDeleted,
  type NewVersion,
  readSaved,
  setShared,
} from './saved-rows.js';
import { toWorkflow } from './saved-source.js';
import type { SavedServices } from './services.js';

export type SaveRequest = {
  name: string;
  title?: string | null;
  description?: string | null;
  graph: unknown;
  inputs: readonly Binding[];
  outputs?: readonly OutputBinding[] | null;
  isShared: boolean;
};

/** Saves the next version of the name. @throws FORBIDDEN, BAD_USER_INPUT */
export async function saveWorkflow(viewer: Viewer, request: SaveRequest, services: SavedServices): Promise<Workflow> {
  const isTrusted = viewer.role === 'ADMIN';
  services.nodePolicy.requireAuthor(viewer);
  if (request.isShared && !isTrusted) throw forbidden('Only an admin may share a workflow');
  const name = validateName(request.name);
  const { rulesOf } = services.backends;
  const bind = (graph: NewVersion['graph']) => resolveBindings(request.inputs, { graph, rulesOf, isTrusted });
  const { graph, inputs } = checkGraph(parseGraph(request.graph), bind, isTrusted, services);
  return await insert(
    {
      id: uuid(),
      ownerId: viewer.id,
      name,
      title: textOf('title', request.title, WORKFLOW_LIMITS.titleLength),
      description: textOf('description', request.description, WORKFLOW_LIMITS.textLength),
      graph,
      inputs,
      outputs: resolveOutputs(graph, request.outputs, rulesOf),
      isShared: request.isShared,
      isListed: true,
    },
    services,
  );
}

async function insert(version: NewVersion, { em }: SavedServices): Promise<Workflow> {
  const { versions } = WORKFLOW_LIMITS;
  while (!(await insertNextVersion(em, version, versions))) {
    const count = await countVersions(em, version.ownerId);
    if (count >= versions) throw badUserInput(`Workflow limit reached: ${count} of ${versions} versions are saved`);
  }
  const [row] = await readSaved(em, [version.id]);
  if (!row) throw new Error('A saved workflow has no row');
  return toWorkflow(row);
}

/** Shares every version of the admin's own workflow, or none. Returns the newest. @throws FORBIDDEN, NOT_FOUND */
export async function shareWorkflow(
  viewer: Viewer,
  name: string,
  isShared: boolean,
  { em }: SavedServices,
): Promise<Workflow> {
  requireAdmin({ viewer });
  if (!isName(name) || !(await setShared(em, viewer.id, name, isShared))) throw notFound('workflow');
  const [row] = await findSaved(em, [{ userId: viewer.id, name }]);
  if (!row) throw notFound('workflow');
  return toWorkflow(row);
}

/** Only generations reach its versions then. Returns the name. @throws NOT_FOUND */
export async function deleteWorkflow(viewer: Viewer, name: string, { em }: SavedServices): Promise<string> {
  if (!isName(name) || !(await markNameDeleted(em, viewer.id, name))) throw notFound('workflow');
  return name;
}

function textOf(field: string, text: string | null | undefined, max: number): string | null {
  if (text == null || text === '') return null;
  if (text.length > max) throw badUserInput(`${field} must have at most ${max} characters, not ${text.length}`, field);
  requireStorable(text, field);
  return text;
}
