/** The administration of accounts: lists, creates, disables and enables them, sets roles and passwords. */
import {
  Arg,
  Args,
  ArgsType,
  Ctx,
  Field,
  FieldResolver,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { badUserInput, conflict, notFound } from '../../graphql/errors.js';
import { PageInfo, toPage } from '../../graphql/pagination.js';
import { changeAccount } from '../admins.js';
import type { AccountsContext } from '../context.js';
import { disableUser, enableUser } from '../disable-user.js';
import { hashPassword, replacePassword } from '../passwords.js';
import { createUser } from '../sign-up.js';
import { Role, User } from '../user.js';
import { validatePassword } from '../validate.js';
import { requireAdmin } from '../viewer.js';
import { SignUpInput } from './sign-up-input.js';

@ArgsType()
class UsersArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'Page size: 1 to 100; 20 when left out.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only users after this cursor.' })
  after?: string | null;
}

@ObjectType({ description: 'A user in a page.' })
class UserEdge {
  @Field(() => String, { description: 'Pass it as `after` to continue behind this user.' })
  cursor!: string;

  @Field(() => User, { description: 'The user.' })
  node!: User;
}

@ObjectType({ description: 'A page of users.' })
class UserConnection {
  @Field(() => [UserEdge], { description: 'The page, with cursors.' })
  edges!: UserEdge[];

  @Field(() => PageInfo, { description: 'Whether more pages exist, and the cursors of this page.' })
  pageInfo!: PageInfo;
}

@Resolver(() => UserConnection)
export class UsersResolver {
  @Query(() => UserConnection, {
    nullable: true,
    description: 'For admins: all accounts, oldest first. FORBIDDEN for other users.',
  })
  async users(@Args(() => UsersArgs) args: UsersArgs, @Ctx() context: AccountsContext): Promise<UserConnection> {
    requireAdmin(context);
    const { size, after } = toPage(args);
    // Ids are ordered by time of creation.
    const where = { deletedAt: null, ...(after !== null && { id: { $gt: decodeCursor(after) } }) };
    const found = await context.em.find(User, where, { orderBy: { id: 'asc' }, limit: size + 1 });
    const edges = found.slice(0, size).map((node) => ({ cursor: encodeCursor(node.id), node }));
    return {
      edges,
      pageInfo: {
        hasNextPage: found.length > size,
        hasPreviousPage: after !== null,
        startCursor: edges[0]?.cursor ?? null,
        endCursor: edges.at(-1)?.cursor ?? null,
      },
    };
  }

  @FieldResolver(() => [User], { description: 'The page, without cursors.' })
  nodes(@Root() { edges }: UserConnection): User[] {
    return edges.map(({ node }) => node);
  }

  @FieldResolver(() => Int, { description: 'The number of accounts.' })
  totalCount(@Ctx() { em }: AccountsContext): Promise<number> {
    return em.count(User, { deletedAt: null });
  }

  @Mutation(() => User, {
    nullable: true,
    description: 'For admins: creates an account, even if registration is closed. CONFLICT if the address is taken.',
  })
  createUser(
    @Arg('input', () => SignUpInput, { description: 'The new account.' }) input: SignUpInput,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    requireAdmin(context);
    return createUser(context.em, input);
  }

  @Mutation(() => User, {
    nullable: true,
    description:
      'For admins: disables an account. Its sessions end, its API keys and links stop working, its sockets close, its unfinished generations are canceled. CONFLICT for your own account and for the last admin.',
  })
  async disableUser(
    @Arg('id', () => ID, { description: "The user's id." }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    if (user.id === viewer.id) throw conflict('You cannot disable your own account');
    await disableUser(user.id, viewer, context);
    return await context.em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description: 'For admins: enables an account again. Its ended sessions and canceled generations stay ended.',
  })
  async enableUser(
    @Arg('id', () => ID, { description: "The user's id." }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    requireAdmin(context);
    const user = await requireUser(context, id);
    await enableUser(context.em, user.id);
    return await context.em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description:
      'For admins: sets the role of an account. Its sockets close, so that the new role applies everywhere. CONFLICT if no admin would remain.',
  })
  async setRole(
    @Arg('userId', () => ID, { description: "The user's id." }) id: string,
    @Arg('role', () => Role, { description: 'The new role.' }) role: Role,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const { em, revocations } = context;
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    await changeAccount(em, viewer, user.id, (em) => em.nativeUpdate(User, { id: user.id, deletedAt: null }, { role }));
    if (user.role !== role) revocations.notify({ userIds: [user.id] });
    return await em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description: "For admins: sets the password of a user who forgot it. Ends the account's sessions.",
  })
  async setPassword(
    @Arg('userId', () => ID, { description: "The user's id." }) id: string,
    @Arg('new', () => String, { description: '8 to 128 characters.' }) password: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const { em, sessions } = context;
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    validatePassword(password, 'new');
    const passwordHash = await hashPassword(password);
    sessions.notifyEnded(await changeAccount(em, viewer, user.id, (em) => replacePassword(em, user.id, passwordHash)));
    return await em.findOneOrFail(User, user.id, { refresh: true });
  }
}

async function requireUser({ em }: AccountsContext, id: string): Promise<User> {
  const user = isUuid(id) ? await em.findOne(User, { id, deletedAt: null }) : null;
  if (!user) throw notFound('user');
  return user;
}

const encodeCursor = (id: string): string => Buffer.from(id).toString('base64url');

/** @throws BAD_USER_INPUT */
function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (!isUuid(id)) throw badUserInput('Invalid cursor', 'after');
  return id;
}
