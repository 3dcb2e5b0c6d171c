/** Accounts, for admins: who there is, making them, keeping them out. */
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
import { disable, enable } from '../disable-user.js';
import { hashPassword, replacePassword } from '../passwords.js';
import { createUser } from '../sign-up.js';
import { Role, User } from '../user.js';
import { judgePassword } from '../validate.js';
import { requireAdmin } from '../viewer.js';
import { SignUpInput } from './sign-up-input.js';

@ArgsType()
class UsersArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'How many from the start, or behind `after`: 1 to 100; 20 when left out.',
  })
  first?: number | null;

  @Field(() => String, { nullable: true, description: 'Only who comes behind this cursor.' })
  after?: string | null;
}

@ObjectType({ description: 'A user of a page.' })
class UserEdge {
  @Field(() => String, { description: 'To ask for what comes behind it.' })
  cursor!: string;

  @Field(() => User, { description: 'The user.' })
  node!: User;
}

@ObjectType({ description: 'A page of users.' })
class UserConnection {
  @Field(() => [UserEdge], { description: 'The page, with cursors.' })
  edges!: UserEdge[];

  @Field(() => PageInfo, { description: 'Where the page lies.' })
  pageInfo!: PageInfo;
}

@Resolver(() => UserConnection)
export class UsersResolver {
  @Query(() => UserConnection, {
    nullable: true,
    description: 'For admins: everybody with an account, in the order in which they came. FORBIDDEN for anybody else.',
  })
  async users(@Args(() => UsersArgs) args: UsersArgs, @Ctx() context: AccountsContext): Promise<UserConnection> {
    requireAdmin(context);
    const { size, after } = toPage(args);
    // Ids begin with the time of their making.
    const behind = { deletedAt: null, ...(after !== null && { id: { $gt: decodeCursor(after) } }) };
    const found = await context.em.find(User, behind, { orderBy: { id: 'asc' }, limit: size + 1 });
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

  @FieldResolver(() => Int, { description: 'How many accounts there are.' })
  totalCount(@Ctx() { em }: AccountsContext): Promise<number> {
    return em.count(User, { deletedAt: null });
  }

  @Mutation(() => User, {
    nullable: true,
    description:
      'For admins: makes an account, also where registration is closed. CONFLICT where the address is taken.',
  })
  createUser(
    @Arg('input', () => SignUpInput, { description: 'Who gets an account.' }) input: SignUpInput,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    requireAdmin(context);
    return createUser(context.em, input);
  }

  @Mutation(() => User, {
    nullable: true,
    description:
      'For admins: keeps an account out. Its sessions end, its keys are good for nothing, its sockets close, its links are dead, its unfinished generations are canceled. CONFLICT for oneself and for the last admin.',
  })
  async disableUser(
    @Arg('id', () => ID, { description: 'Of the user.' }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    if (user.id === viewer.id) throw conflict('You cannot keep yourself out');
    await disable(user.id, viewer, context);
    return await context.em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description: 'For admins: lets an account in again. What was ended stays so.',
  })
  async enableUser(
    @Arg('id', () => ID, { description: 'Of the user.' }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    requireAdmin(context);
    const user = await requireUser(context, id);
    await enable(context.em, user.id);
    return await context.em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description:
      'For admins: makes an account an admin, or an admin a user. Its sockets close, so that the new role counts everywhere. CONFLICT where no admin would be left.',
  })
  async setRole(
    @Arg('userId', () => ID, { description: "The user's id." }) id: string,
    @Arg('role', () => Role, { description: 'What the account may do from now on.' }) role: Role,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const { em, revocations } = context;
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    await changeAccount(em, viewer, user.id, (em) => em.nativeUpdate(User, { id: user.id, deletedAt: null }, { role }));
    if (user.role !== role) revocations.tell({ userIds: [user.id] });
    return await em.findOneOrFail(User, user.id, { refresh: true });
  }

  @Mutation(() => User, {
    nullable: true,
    description: "For admins: sets the password of somebody who has forgotten it. Ends the account's sessions.",
  })
  async setPassword(
    @Arg('userId', () => ID, { description: "The user's id." }) id: string,
    @Arg('new', () => String, { description: '8 to 128 characters.' }) password: string,
    @Ctx() context: AccountsContext,
  ): Promise<User> {
    const { em, sessions } = context;
    const viewer = requireAdmin(context);
    const user = await requireUser(context, id);
    judgePassword(password, 'new');
    const passwordHash = await hashPassword(password);
    sessions.tellEnded(await changeAccount(em, viewer, user.id, (em) => replacePassword(em, user.id, passwordHash)));
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
  if (!isUuid(id)) throw badUserInput('This is no cursor of this list', 'after');
  return id;
}
