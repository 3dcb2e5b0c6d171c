/** One event of a generation for one receiver: a row of the outbox, which triggers write and `outbox.ts` reads. */
import { Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { Node } from '../graphql/node.js';
import { WebhookEvent } from './webhooks/webhook-event.js';

export enum DeliveryState {
  PENDING = 'PENDING',
  DELIVERED = 'DELIVERED',
  FAILED = 'FAILED',
}
registerEnumType(DeliveryState, {
  name: 'DeliveryState',
  description: 'How far a delivery is.',
  valuesConfig: {
    PENDING: { description: 'It waits for its first or next attempt, or an attempt is under way.' },
    DELIVERED: { description: 'The receiver has answered with a status from 200 to 299.' },
    FAILED: { description: 'It was given up: after ten attempts, or because its webhook was disabled.' },
  },
});

@ObjectType({
  implements: Node,
  description:
    'One event of a generation for one receiver. Its id is the `webhook-id` of every attempt. Delivered ones are kept for 7 days, failed ones for 30, and none longer than its generation and its webhook.',
})
export class Delivery extends Node {
  @Field(() => WebhookEvent, { description: 'What happened.' })
  event!: WebhookEvent;

  @Field(() => ID, { description: "The generation's id." })
  generationId!: string;

  @Field(() => DeliveryState, { description: 'How far it is.' })
  state!: DeliveryState;

  @Field(() => Int, { description: 'How often it was sent.' })
  attempts!: number;

  @Field(() => Int, { nullable: true, description: 'The HTTP status of the last response; null if there was none.' })
  responseStatus!: number | null;

  @Field(() => String, { nullable: true, description: 'Why the last attempt failed.' })
  error!: string | null;

  @Field(() => Date, {
    nullable: true,
    description: 'When it is sent again unless the current attempt succeeds. Null unless PENDING.',
  })
  nextAttemptAt!: Date | null;

  @Field(() => Date, { description: 'When the event happened.' })
  createdAt!: Date;

  @Field(() => Date, { nullable: true, description: 'When the receiver accepted it.' })
  deliveredAt!: Date | null;
}

/** With the instants in PostgreSQL's text format. */
export type DeliveryRow = Pick<
  Delivery,
  'id' | 'event' | 'generationId' | 'state' | 'attempts' | 'responseStatus' | 'error'
> & { seq: string; userId: string; nextAttemptAt: string | null; createdAt: string; deliveredAt: string | null };

export const DELIVERY_COLUMNS = `
  d.id, d.seq::text as seq, d.user_id as "userId", d.event, d.generation_id as "generationId", d.state, d.attempts,
  d.response_status as "responseStatus", d.error, d.next_attempt_at::text as "nextAttemptAt", d.created_at::text as "createdAt",
  d.delivered_at::text as "deliveredAt"`;

/** SQL with the id as its value. */
export const SELECT_DELIVERY = `select ${DELIVERY_COLUMNS} from deliveries d where d.id = ?`;
