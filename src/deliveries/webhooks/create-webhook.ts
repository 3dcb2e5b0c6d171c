/** The commands that create and delete webhooks. */
import { LockMode } from '@mikro-orm/core';
import { Field, InputType } from 'type-graphql';
import { validate as isUuid } from 'uuid';
import { User } from '../../accounts/user.js';
import type { Viewer } from '../../accounts/viewer.js';
import { badUserInput, forbidden, notFound } from '../../graphql/errors.js';
import { requireStorable } from '../../graphql/text.js';
import type { DeliveriesContext } from '../context.js';
import { DestinationRefused } from './destinations.js';
import { generateSecret } from './message.js';
import { Webhook } from './webhook.js';
import { WebhookEvent } from './webhook-event.js';

const MAX_WEBHOOKS = 20;
const MAX_DESCRIPTION_LENGTH = 255;
const DNS_TIMEOUT_MS = 5_000;

@InputType({ description: 'The new webhook.' })
export class CreateWebhookInput {
  @Field(() => String, {
    description:
      'An https URL of up to 2,048 characters, without user name and password. Its host must have public addresses only, unless WEBHOOK_PRIVATE_NETWORKS names them.',
  })
  url!: string;

  @Field(() => [WebhookEvent], { description: 'The events that it receives; one at least.' })
  events!: WebhookEvent[];

  @Field(() => String, { nullable: true, description: 'A label of up to 255 characters.' })
  description?: string | null;
}

/** @throws RATE_LIMITED, BAD_USER_INPUT, also for the 21st webhook */
export async function createWebhook(
  { id: userId }: Viewer,
  input: CreateWebhookInput,
  { em, rateLimits, destinations }: DeliveriesContext,
): Promise<{ webhook: Webhook; secret: string }> {
  await rateLimits.take('webhook', userId);
  const events = Object.values(WebhookEvent).filter((event) => input.events.includes(event));
  if (events.length === 0) throw badUserInput('events must name one event at least', 'events');
  const description = validateDescription(input.description);
  const url = destinations.validate(input.url, 'url');
  await destinations.resolve(new URL(url), AbortSignal.timeout(DNS_TIMEOUT_MS)).catch((error) => {
    throw error instanceof DestinationRefused ? badUserInput(`url: ${error.message}`, 'url') : error;
  });
  const secret = generateSecret();
  const webhook = await em.transactional(async (em) => {
    // Serialises the creations of one user, so that the count is exact.
    await em.findOneOrFail(User, userId, { lockMode: LockMode.PESSIMISTIC_WRITE });
    if ((await em.count(Webhook, { userId })) >= MAX_WEBHOOKS)
      throw badUserInput(`Webhook limit reached: ${MAX_WEBHOOKS} of ${MAX_WEBHOOKS} webhooks exist`);
    return em.create(Webhook, { userId, url, events, description, secret });
  });
  return { webhook, secret };
}

/** @throws NOT_FOUND, FORBIDDEN */
export async function deleteWebhook({ id: userId }: Viewer, id: string, { em }: DeliveriesContext): Promise<string> {
  const webhook = isUuid(id) ? await em.findOne(Webhook, id) : null;
  if (!webhook) throw notFound('webhook');
  if (webhook.userId !== userId) throw forbidden('This webhook belongs to another user');
  await em.nativeDelete(Webhook, { id });
  return webhook.id;
}

function validateDescription(description: string | null | undefined): string | null {
  if (description == null) return null;
  requireStorable(description, 'description');
  const length = [...description].length;
  if (length > MAX_DESCRIPTION_LENGTH)
    throw badUserInput(
      `description must have up to ${MAX_DESCRIPTION_LENGTH} characters, not ${length}`,
      'description',
    );
  return description;
}
