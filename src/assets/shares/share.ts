/** A public link to one generation. Its token follows from its id: see `share-links.ts`. */
import { randomUUID } from 'node:crypto';
import { OptionalProps } from '@mikro-orm/core';
import { Entity, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';

declare module '../../db/query.js' {
  interface Tables {
    shares: TableOf<Share>;
  }
}

@Entity({ tableName: 'shares' })
@ObjectType({
  description:
    'A public link to one generation. It ends when it expires, when it is taken back, and with the generation or its account.',
})
export class Share {
  [OptionalProps]?: 'createdAt';

  /** Random, and so no UUIDv7: the token contains it. */
  @PrimaryKey({ type: 'uuid' })
  id: string = randomUUID();

  /** `generations/relations.ts` declares the relation, because assets must not import generations. */
  generationId!: string;

  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was shared first.' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, {
    nullable: true,
    description: 'From then on the link does not work. Null if it does not expire.',
  })
  expiresAt: Date | null = null;
}
