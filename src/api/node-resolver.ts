/** Fetches any object by its id: the viewer's own objects, and those without an owner. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { ApiKey } from '../accounts/api-keys/api-key.js';
import { Session } from '../accounts/sessions/session.js';
import { SELECT_USER } from '../accounts/user-rows.js';
import { requireViewer, type Viewer } from '../accounts/viewer.js';
import { SELECT_FILE, SELECT_IMAGE, SELECT_RESULT } from '../assets/result-rows.js';
import { SELECT_UPLOAD } from '../assets/uploads/upload-rows.js';
import { Backend } from '../backends/backend.js';
import { SELECT_MODEL } from '../backends/model-rows.js';
import { SELECT_DELIVERY } from '../deliveries/delivery.js';
import { Webhook } from '../deliveries/webhooks/webhook.js';
import { partsOf } from '../generations/api/parts.js';
import { selectGeneration } from '../generations/generation-rows.js';
import { forbidden } from '../graphql/errors.js';
import { Node, type TypedRow } from '../graphql/node.js';
import type { Selected } from '../graphql/selection.js';
import { isUsableBy } from '../workflows/workflow.js';
import type { Context } from './context.js';

@Resolver()
export class NodeResolver {
  @Query(() => Node, {
    nullable: true,
    description: "Any object by its id. Null for an invalid or unknown id; FORBIDDEN for another user's object.",
  })
  async node(
    @Arg('id', () => ID, { description: "The object's id." }) id: string,
    @Ctx() context: Context,
    @Info() info: GraphQLResolveInfo,
  ): Promise<TypedRow | null> {
    const viewer = requireViewer(context);
    if (!isUuid(id)) return null;
    const found = (await find(context, id, info)) ?? (await findWorkflow(context, id, viewer));
    if (!found) return null;
    const ownerId = found.__typename === 'User' ? found.id : found.userId;
    if (ownerId !== undefined && ownerId !== viewer.id) throw forbidden('This object belongs to another user');
    return found;
  }
}

/** An object with an owner has a `userId`; users own themselves. */
type Found = TypedRow & { userId?: string };

/** How to select an object of each type whose rows are read as they are. */
const ROWS: [typename: string, select: (selected: Selected) => string][] = [
  ['Generation', (selected) => selectGeneration(partsOf(selected, ''))],
  ['Result', () => SELECT_RESULT],
  ['Image', () => SELECT_IMAGE],
  ['File', () => SELECT_FILE],
  ['Upload', () => SELECT_UPLOAD],
  ['Delivery', () => SELECT_DELIVERY],
  ['User', () => SELECT_USER],
  ['Model', () => SELECT_MODEL],
];

/** The other types, whose entities are read in a second statement. */
const ENTITIES = { ApiKey, SignedInSession: Session, Webhook, Backend };
const TABLES = { ApiKey: 'api_keys', SignedInSession: 'sessions', Webhook: 'webhooks', Backend: 'backends' };
type EntityName = keyof typeof ENTITIES;

/** Looks into all tables with one statement. */
async function find({ reads, em }: Context, id: string, selected: Selected): Promise<Found | undefined> {
  const statements = [
    ...ROWS.map(([name, select]) => `select '${name}' as name, row_to_json(o) as row from (${select(selected)}) o`),
    ...Object.entries(TABLES).map(([name, table]) => `select '${name}', null from ${table} where id = ?`),
  ];
  const [found] = await reads.execute<{ name: string; row: { id: string; userId?: string } | null }[]>(
    statements.join(' union all '),
    statements.map(() => id),
  );
  if (!found) return undefined;
  const row = found.row ?? (await em.findOne<{ id: string; userId?: string }>(ENTITIES[found.name as EntityName], id));
  return row ? { ...row, __typename: found.name } : undefined;
}

/** A workflow that the viewer may not use is another user's. */
async function findWorkflow({ workflows }: Context, id: string, viewer: Viewer): Promise<Found | undefined> {
  const workflow = await workflows.findById(id);
  if (!workflow) return undefined;
  const found = { ...workflow, __typename: 'Workflow' };
  return isUsableBy(workflow, viewer.id) ? found : { ...found, userId: workflow.saved?.ownerId ?? '' };
}
