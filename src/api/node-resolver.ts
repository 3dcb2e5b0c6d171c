/** Fetches any object by its id: the viewer's own objects, and those without an owner. */
import type { GraphQLResolveInfo } from 'graphql';
import { Arg, Ctx, ID, Info, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { ApiKey } from '../accounts/api-keys/api-key.js';
import { Session } from '../accounts/sessions/session.js';
import { readUsers } from '../accounts/user-rows.js';
import { requireViewer, type Viewer } from '../accounts/viewer.js';
import { readImage, readResult } from '../assets/result-rows.js';
import { Backend } from '../backends/backend.js';
import { readModels } from '../backends/model-rows.js';
import type { Reads } from '../db/reads.js';
import { partsOf } from '../generations/api/parts.js';
import { readGeneration } from '../generations/generation-rows.js';
import { forbidden } from '../graphql/errors.js';
import { Node, type TypedRow } from '../graphql/node.js';
import type { Selected } from '../graphql/selection.js';
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
    for (const { typename, find } of KINDS) {
      const found = await find(context, id, viewer, info);
      if (!found) continue;
      if (found.ownerId !== undefined && found.ownerId !== viewer.id)
        throw forbidden('This object belongs to another user');
      return { ...found, __typename: typename };
    }
    return null;
  }
}

type Found = { id: string; ownerId?: string } | undefined;
type Find = (context: Context, id: string, viewer: Viewer, selected: Selected) => Promise<Found>;

/** Every type with an id, and how to find an object of it, with the statement of a generation first. An object with an owner has an `ownerId`. */
const KINDS: { typename: string; find: Find }[] = [
  {
    typename: 'Generation',
    find: async ({ reads }, id, _, selected) => owned(await readGeneration(reads, id, partsOf(selected, ''))),
  },
  { typename: 'Result', find: async ({ reads }, id) => owned(await readResult(reads, id)) },
  { typename: 'Image', find: async ({ reads }, id) => owned(await readImage(reads, id)) },
  { typename: 'ApiKey', find: async ({ em }, id) => owned((await em.findOne(ApiKey, id)) ?? undefined) },
  { typename: 'SignedInSession', find: async ({ em }, id) => owned((await em.findOne(Session, id)) ?? undefined) },
  { typename: 'User', find: async ({ reads }, id) => owned(await findUser(reads, id)) },
  { typename: 'Model', find: async ({ reads }, id) => (await readModels(reads, [id]))[0] },
  { typename: 'Backend', find: async ({ em }, id) => (await em.findOne(Backend, id)) ?? undefined },
  { typename: 'Workflow', find: ({ workflows }, id, viewer) => workflows.findById(viewer.id, id) },
];

const owned = <Row extends { id: string; userId: string }>(row: Row | undefined): Found =>
  row && { ...row, ownerId: row.userId };

/** Users own themselves. */
const findUser = async (reads: Reads, id: string) => {
  const [user] = await readUsers(reads, [id]);
  return user && { ...user, userId: user.id };
};
