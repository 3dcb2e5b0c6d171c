/** Credentials for programs, in the API. */
import { LockMode } from '@mikro-orm/core';
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { badUserInput, forbidden, notFound } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { ApiKey } from '../api-keys/api-key.js';
import { newApiKey } from '../api-keys/api-keys.js';
import type { AccountsContext } from '../context.js';
import { User } from '../user.js';
import { requireSession } from '../viewer.js';

const MAX_NAME_LENGTH = 100;
const MAX_KEYS = 100;

@InputType({ description: 'What the key is to be.' })
class CreateApiKeyInput {
  @Field(() => String, { description: 'What to call it: 1 to 100 characters.' })
  name!: string;

  @Field(() => Date, { nullable: true, description: 'When it stops being good; when left out, never.' })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'A key that was just made.' })
class CreatedApiKey {
  @Field(() => ApiKey, { description: 'As it is listed from now on.' })
  apiKey!: ApiKey;

  @Field(() => String, {
    description: 'The key itself, to be sent as `Authorization: Bearer <secret>`. Nobody can show it again.',
  })
  secret!: string;
}

@Resolver(() => ApiKey)
export class ApiKeysResolver {
  @Query(() => [ApiKey], { nullable: true, description: "The viewer's, newest first. FORBIDDEN for an API key." })
  apiKeys(@Ctx() context: AccountsContext): Promise<ApiKey[]> {
    const { id } = requireSession(context);
    return context.em.find(ApiKey, { userId: id }, { orderBy: { createdAt: 'desc', id: 'desc' } });
  }

  @Mutation(() => CreatedApiKey, {
    nullable: true,
    description: 'FORBIDDEN for an API key: only people make keys.',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'What the key is to be.' }) input: CreateApiKeyInput,
    @Ctx() context: AccountsContext,
  ): Promise<CreatedApiKey> {
    const { em } = context;
    const { id } = requireSession(context);
    const name = judgeName(input.name);
    const expiresAt = judgeExpiry(input.expiresAt);
    const { secret, prefix, secretHash } = newApiKey();
    const apiKey = await em.transactional(async (em) => {
      // One at a time for each user, so that how many there are is exact.
      await em.findOneOrFail(User, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if ((await em.count(ApiKey, { userId: id })) >= MAX_KEYS)
        throw badUserInput(`There are ${MAX_KEYS} keys already`);
      return em.create(ApiKey, { userId: id, name, prefix, secretHash, expiresAt });
    });
    return { apiKey, secret };
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Takes the key back: it is good for nothing from then on, and its sockets close. NOT_FOUND, or FORBIDDEN where it is another's, and for an API key.",
  })
  async deleteApiKey(
    @Arg('id', () => ID, { description: 'Of the key; not the key itself.' }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<string> {
    const { em, revocations } = context;
    const viewer = requireSession(context);
    const apiKey = isUuid(id) ? await em.findOne(ApiKey, id) : null;
    if (!apiKey) throw notFound('API key');
    if (apiKey.userId !== viewer.id) throw forbidden('This API key belongs to somebody else');
    await em.nativeDelete(ApiKey, { id: apiKey.id });
    revocations.tell({ apiKeyIds: [apiKey.id] });
    return apiKey.id;
  }
}

function judgeName(given: string): string {
  const name = given.trim();
  requireStorable(name, 'name');
  const length = [...name].length;
  if (length < 1 || length > MAX_NAME_LENGTH)
    throw badUserInput(`A name has 1 to ${MAX_NAME_LENGTH} characters`, 'name');
  return name;
}

function judgeExpiry(expiresAt: Date | null | undefined): Date | null {
  if (expiresAt == null) return null;
  if (expiresAt <= new Date() || expiresAt.getUTCFullYear() > 9999)
    throw badUserInput('expiresAt must be in the future', 'expiresAt');
  return expiresAt;
}
