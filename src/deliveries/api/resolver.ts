/** The API of webhooks and their deliveries. */
import { Arg, Ctx, Field, FieldResolver, ID, Int, Mutation, ObjectType, Query, Resolver, Root } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { DeliveriesContext } from '../context.js';
import { Delivery, type DeliveryRow } from '../delivery.js';
import { DeliveryConnection, listDeliveries } from '../list-deliveries.js';
import { redeliver } from '../redeliver.js';
import { CreateWebhookInput, createWebhook, deleteWebhook } from '../webhooks/create-webhook.js';
import { Webhook } from '../webhooks/webhook.js';

@ObjectType({ description: 'A webhook that was just created.' })
class CreatedWebhook {
  @Field(() => Webhook, { description: 'The webhook without its secret, as `webhooks` lists it.' })
  webhook!: Webhook;

  @Field(() => String, {
    description:
      'The secret that signs its deliveries, as the libraries of Standard Webhooks take it: `whsec_` and the key in base64. It is not shown again.',
  })
  secret!: string;
}

@Resolver(() => Webhook)
export class WebhooksResolver {
  @Query(() => [Webhook], { nullable: true, description: "The viewer's webhooks, newest first." })
  webhooks(@Ctx() context: DeliveriesContext): Promise<Webhook[]> {
    const { id } = requireViewer(context);
    return context.em.find(Webhook, { userId: id }, { orderBy: { createdAt: 'desc', id: 'desc' } });
  }

  @Mutation(() => CreatedWebhook, {
    nullable: true,
    description:
      'Creates a webhook; an account has up to 20. BAD_USER_INPUT for a URL that is not https or whose host has no public address; RATE_LIMITED above 60 a minute.',
  })
  createWebhook(
    @Arg('input', () => CreateWebhookInput, { description: 'The new webhook.' }) input: CreateWebhookInput,
    @Ctx() context: DeliveriesContext,
  ): Promise<CreatedWebhook> {
    return createWebhook(requireViewer(context), input, context);
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Deletes the webhook with its deliveries, and returns its id. NOT_FOUND for an unknown id, FORBIDDEN for another user's webhook.",
  })
  deleteWebhook(
    @Arg('id', () => ID, { description: "The webhook's id." }) id: string,
    @Ctx() context: DeliveriesContext,
  ): Promise<string> {
    return deleteWebhook(requireViewer(context), id, context);
  }

  @Mutation(() => Delivery, {
    nullable: true,
    description:
      "Sends a delivery once more, now, with the same id; if that fails, it is retried like a new one. NOT_FOUND for an unknown id, FORBIDDEN for another user's delivery, CONFLICT for one of a disabled webhook, RATE_LIMITED above 60 a minute.",
  })
  redeliver(
    @Arg('id', () => ID, { description: "The delivery's id: the `webhook-id` of its requests." }) id: string,
    @Ctx() context: DeliveriesContext,
  ): Promise<DeliveryRow> {
    return redeliver(requireViewer(context), id, context);
  }

  @FieldResolver(() => DeliveryConnection, { description: 'Its deliveries, newest first.' })
  deliveries(
    @Root() { id }: Webhook,
    @Arg('first', () => Int, { nullable: true, description: 'Page size: 1 to 100; 20 when left out.' })
    first: number | null | undefined,
    @Arg('after', () => String, { nullable: true, description: 'Only deliveries behind this cursor.' })
    after: string | null | undefined,
    @Ctx() { reads }: DeliveriesContext,
  ): Promise<DeliveryConnection> {
    return listDeliveries(reads, id, { first, after });
  }
}
