/** The API of API keys. */
import { LockMode } from '@mikro-orm/core';
import { Arg, Ctx, Field, ID, InputType, Mutation, ObjectType, Query, Resolver } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { badUserInput, forbidden, notFound } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import { ApiKey } from '../api-keys/api-key.js';
import { generateApiKey } from '../api-keys/api-keys.js';
import type { AccountsContext } from '../context.js';
import { User } from '../user.js';
import { requireSession } from '../viewer.js';

const MAX_NAME_LENGTH = 100;
const MAX_KEYS = 100;

@InputType({ description: 'The properties of the new key.' })
class CreateApiKeyInput {
  @Field(() => String, { description: 'A name of 1 to 100 characters.' })
  name!: string;

  @Field(() => Date, { nullable: true, description: 'When it expires; when left out, never.' })
  expiresAt?: Date | null;
}

@ObjectType({ description: 'A key that was just created.' })
class CreatedApiKey {
  @Field(() => ApiKey, { description: 'The key without its secret, as `apiKeys` lists it.' })
  apiKey!: ApiKey;

  @Field(() => String, {
    description:
      'The key itself. Send it as `Authorization: Bearer <secret>`. It is not stored and cannot be shown again.',
  })
  secret!: string;
}

@Resolver(() => ApiKey)
export class ApiKeysResolver {
  @Query(() => [ApiKey], {
    nullable: true,
    description: "The viewer's API keys, newest first. FORBIDDEN for an API key.",
  })
  apiKeys(@Ctx() context: AccountsContext): Promise<ApiKey[]> {
    const { id } = requireSession(context);
    return context.em.find(ApiKey, { userId: id }, { orderBy: { createdAt: 'desc', id: 'desc' } });
  }

  @Mutation(() => CreatedApiKey, {
    nullable: true,
    description: 'Creates an API key. FORBIDDEN for an API key: only a session creates keys.',
  })
  async createApiKey(
    @Arg('input', () => CreateApiKeyInput, { description: 'The properties of the new key.' }) input: CreateApiKeyInput,
    @Ctx() context: AccountsContext,
  ): Promise<CreatedApiKey> {
    const { em } = context;
    const { id } = requireSession(context);
    const name = validateName(input.name);
    const expiresAt = validateExpiry(input.expiresAt);
    const { secret, prefix, secretHash } = generateApiKey();
    const apiKey = await em.transactional(async (em) => {
      // Serialises the creations of one user, so that the count is exact.
      await em.findOneOrFail(User, id, { lockMode: LockMode.PESSIMISTIC_WRITE });
      if ((await em.count(ApiKey, { userId: id })) >= MAX_KEYS)
        throw badUserInput(`API key limit reached: ${MAX_KEYS} of ${MAX_KEYS} keys exist`);
      return em.create(ApiKey, { userId: id, name, prefix, secretHash, expiresAt });
    });
    return { apiKey, secret };
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Revokes the key at once and closes its sockets. NOT_FOUND for an unknown id. FORBIDDEN for another user's key, and for an API key.",
  })
  async deleteApiKey(
    @Arg('id', () => ID, { description: "The key's id, not its secret." }) id: string,
    @Ctx() context: AccountsContext,
  ): Promise<string> {
    const { em, revocations } = context;
    const viewer = requireSession(context);
    const apiKey = isUuid(id) ? await em.findOne(ApiKey, id) : null;
    if (!apiKey) throw notFound('API key');
    if (apiKey.userId !== viewer.id) throw forbidden('This API key belongs to another user');
    await em.nativeDelete(ApiKey, { id: apiKey.id });
    revocations.notify({ apiKeyIds: [apiKey.id] });
    return apiKey.id;
  }
}

function validateName(given: string): string {
  const name = given.trim();
  requireStorable(name, 'name');
  const length = [...name].length;
  if (length < 1 || length > MAX_NAME_LENGTH)
    throw badUserInput(`A name must have 1 to ${MAX_NAME_LENGTH} characters, not ${length}`, 'name');
  return name;
}

function validateExpiry(expiresAt: Date | null | undefined): Date | null {
  if (expiresAt == null) return null;
  if (expiresAt <= new Date() || expiresAt.getUTCFullYear() > 9999)
    throw badUserInput('expiresAt must be in the future', 'expiresAt');
  return expiresAt;
}
