/** Where the viewer is signed in, and how to end that. */
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
    description: 'Where the viewer is signed in, the last used first. FORBIDDEN for an API key.',
  })
  sessions(@Ctx() context: AccountsContext): Promise<Session[]> {
    const { id } = requireSession(context);
    const good = { userId: id, expiresAt: { $gt: new Date() } };
    return context.em.find(Session, good, { orderBy: { lastUsedAt: 'desc', id: 'desc' } });
  }

  @FieldResolver(() => Boolean, { description: 'Whether this request was made by it.' })
  isCurrent(@Root() { id }: Session, @Ctx() { viewer }: AccountsContext): boolean {
    return viewer?.sessionId === id;
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Ends one other session of the viewer: its tokens are refused at once, and its sockets close. NOT_FOUND, or FORBIDDEN where it is another's, and for an API key; CONFLICT for the current one, which `signOut` ends.",
  })
  async endSession(
    @Arg('id', () => ID, { description: "The session's id." }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<string> {
    const { em, sessions } = context;
    const viewer = requireSession(context);
    const session = isUuid(id) ? await em.findOne(Session, id) : null;
    if (!session) throw notFound('session');
    if (session.userId !== viewer.id) throw forbidden('This session belongs to somebody else');
    if (session.id === viewer.sessionId) throw conflict('This is the current session: signOut ends it');
    await sessions.end(em, session.id);
    return session.id;
  }
}
