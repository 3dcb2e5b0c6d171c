/** A URL that receives events of its owner's generations. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { User } from '../../accounts/user.js';
import { Node } from '../../graphql/node.js';
import { WebhookEvent } from './webhook-event.js';

declare module '../../db/query.js' {
  interface Tables {
    webhooks: TableOf<Webhook>;
  }
}

@Entity({ tableName: 'webhooks' })
@ObjectType({
  implements: Node,
  description:
    "An https URL that receives events of the viewer's generations, by the Standard Webhooks scheme: see docs/webhooks.md. After five days of failures, or a response with status 410, it is disabled.",
})
export class Webhook extends Node {
  [OptionalProps]?: 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  @Index()
  userId!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'Where deliveries are sent, by POST.' })
  url!: string;

  @Property({ type: 'array' })
  @Field(() => [WebhookEvent], { description: 'The events that it receives.' })
  events!: WebhookEvent[];

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true, description: 'As its owner described it.' })
  description: string | null = null;

  /** `whsec_` and the key in base64. Kept as it is: signing needs it. */
  @Property({ type: 'text', lazy: true })
  secret!: string;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was created.' })
  createdAt!: Date;

  /** The first of the failures that no success has followed. */
  @Property({ type: 'timestamptz', nullable: true })
  failingSince: Date | null = null;

  /** The last of these. */
  @Property({ type: 'timestamptz', nullable: true })
  failedAt: Date | null = null;

  @Property({ type: 'timestamptz', length: 3, nullable: true })
  @Field(() => Date, {
    nullable: true,
    description:
      'When it was disabled because its deliveries failed: it receives nothing from then on. Delete it and create another.',
  })
  disabledAt: Date | null = null;
}
