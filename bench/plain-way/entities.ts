/** The entities that the plain way needs, as MikroORM's and type-graphql's guides write them. */
import { Collection, type Rel } from '@mikro-orm/core';
import { Entity, ManyToOne, OneToMany, OneToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Float, ID, Int, ObjectType } from 'type-graphql';

@Entity({ tableName: 'models' })
@ObjectType()
export class Model {
  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID)
  id!: string;

  @Property({ type: 'text' })
  @Field(() => String)
  name!: string;
}

@Entity({ tableName: 'generations' })
@ObjectType()
export class Generation {
  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID)
  id: string = crypto.randomUUID();

  @Property({ type: 'uuid' })
  userId!: string;

  @Property({ type: 'text' })
  @Field(() => String)
  status: string = 'PENDING';

  @Property({ type: 'text' })
  @Field(() => String)
  prompt!: string;

  @Property({ type: 'text' })
  @Field(() => String)
  negativePrompt: string = '';

  @Property({ type: 'text' })
  workflowName: string = 'text-to-image';

  @Property({ type: 'integer' })
  workflowVersion: number = 1;

  @Property({ type: 'json' })
  parameters: object = {};

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true })
  seed?: string;

  @Property({ type: 'timestamptz' })
  @Field(() => Date)
  createdAt: Date = new Date();

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true })
  startedAt?: Date;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true })
  completedAt?: Date;

  @ManyToOne(() => Model, { nullable: true })
  @Field(() => Model, { nullable: true })
  model?: Rel<Model>;

  @OneToOne(
    () => Result,
    (result) => result.generation,
  )
  @Field(() => Result, { nullable: true })
  result?: Rel<Result>;
}

@Entity({ tableName: 'results' })
@ObjectType()
export class Result {
  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID)
  id!: string;

  @OneToOne(
    () => Generation,
    (generation) => generation.result,
    { owner: true },
  )
  generation!: Rel<Generation>;

  @Property({ type: 'timestamptz' })
  @Field(() => Date)
  createdAt!: Date;

  @OneToMany(
    () => Image,
    (image) => image.result,
  )
  @Field(() => [Image])
  images = new Collection<Image>(this);
}

@Entity({ tableName: 'images' })
@ObjectType()
export class Image {
  @PrimaryKey({ type: 'uuid' })
  @Field(() => ID)
  id!: string;

  @ManyToOne(() => Result)
  result!: Rel<Result>;

  @Property({ type: 'text' })
  @Field(() => String)
  contentType!: string;

  @Property({ type: 'integer' })
  @Field(() => Int)
  width!: number;

  @Property({ type: 'integer' })
  @Field(() => Int)
  height!: number;

  @Property({ type: 'integer' })
  @Field(() => Float)
  byteSize!: number;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, { nullable: true })
  thumbHash?: string;
}
