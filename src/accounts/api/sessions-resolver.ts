/** Lists and ends the viewer's sessions. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { conflict, forbidden, notFound } from '../../graphql/errors.js';
import type { AccountsContext } from '../context.js';
import { Session } from '../sessions/session.js';
import { requireSession } from '../viewer.js';

@Resolver(() => Session)
export class SessionsResolver {
  @Query(() => [Session], {
    nullable: true,
    description: "The viewer's sessions, last used first. FORBIDDEN for an API key.",
  })
  sessions(@Ctx() context: AccountsContext): Promise<Session[]> {
    const { id } = requireSession(context);
    const valid = { userId: id, expiresAt: { $gt: new Date() } };
    return context.em.find(Session, valid, { orderBy: { lastUsedAt: 'desc', id: 'desc' } });
  }

  @FieldResolver(() => Boolean, { description: 'Whether this request belongs to the session.' })
  isCurrent(@Root() { id }: Session, @Ctx() { viewer }: AccountsContext): boolean {
    return viewer?.sessionId === id;
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Ends another session of the viewer: revokes its tokens at once and closes its sockets. NOT_FOUND for an unknown id. FORBIDDEN for another user's session, and for an API key. CONFLICT for the current session: use `signOut`.",
  })
  async endSession(
    @Arg('id', () => ID, { description: "The session's id." }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<string> {
    const { em, sessions } = context;
    const viewer = requireSession(context);
    const session = isUuid(id) ? await em.findOne(Session, id) : null;
    if (!session) throw notFound('session');
    if (session.userId !== viewer.id) throw forbidden('This session belongs to another user');
    if (session.id === viewer.sessionId) throw conflict('This is the current session: use signOut');
    await sessions.end(em, session.id);
    return session.id;
  }
}
