/**
 * One request for pictures, and what came of it. The row is the job: inserting it is the enqueue. Its status is moved by
 * `transitions.ts` and nothing else.
 */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Enum, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { User } from '../accounts/user.js';
import { Model } from '../backends/model.js';
import { Node } from '../graphql/node.js';
import { JSONValue, Seed } from '../graphql/scalars.js';
import { Failure } from './failure.js';
import { GenerationStatus } from './status.js';

/** Every input of the workflow with the value that is used. */
export type Parameters = Record<string, unknown>;

@Entity({ tableName: 'generations' })
@Index({
  name: 'generations_newest',
  expression: 'create index generations_newest on generations (user_id, created_at, id) where deleted_at is null',
})
@Index({
  name: 'generations_completed',
  expression:
    "create index generations_completed on generations (user_id, coalesce(completed_at, 'infinity'), id) where deleted_at is null",
})
@Index({
  name: 'generations_changed',
  expression: 'create index generations_changed on generations (user_id, changed_in)',
})
@Index({
  name: 'generations_next',
  expression:
    'create index generations_next on generations (user_id, rank, created_at, id) include (route, run_after) where waiting',
})
@Index({
  name: 'generations_route',
  expression: 'create index generations_route on generations (route) where waiting',
})
@Index({
  name: 'generations_idempotency',
  expression:
    'create unique index generations_idempotency on generations (user_id, idempotency_key) where idempotency_key is not null and deleted_at is null',
})
@Index({
  name: 'generations_tombstones',
  expression: 'create index generations_tombstones on generations (deleted_at) where deleted_at is not null',
})
@ObjectType({ implements: Node, description: 'One request for pictures, and what came of it.' })
export class Generation extends Node {
  [OptionalProps]?:
    | 'status'
    | 'revision'
    | 'waiting'
    | 'attempt'
    | 'fence'
    | 'crashes'
    | 'freed'
    | 'spent'
    | 'avoids'
    | 'runAfter'
    | 'createdAt'
    | 'updatedAt'
    | 'createdIn'
    | 'changedIn';

  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @ManyToOne(() => User, { mapToPk: true, fieldName: 'user_id', deleteRule: 'cascade' })
  userId!: string;

  @Enum({ items: () => GenerationStatus })
  @Field(() => GenerationStatus, { description: 'How far it has come.' })
  status: GenerationStatus = GenerationStatus.PENDING;

  @Property({ type: 'integer' })
  @Field(() => Int, {
    description:
      'Rises with every change of status, attempt, result or failure, not with progress or queuePosition. Of two answers the higher is the newer; where they are equal, the later progress.updatedAt.',
  })
  revision: number = 1;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'Empty where the workflow takes none.' })
  prompt!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'What should not be in the picture; empty where there is nothing.' })
  negativePrompt!: string;

  @Property({ type: 'text' })
  workflowName!: string;

  @Property({ type: 'integer' })
  workflowVersion!: number;

  /** Null where the workflow takes none, and while no catalogue to judge its name by has been seen. */
  @ManyToOne(() => Model, { mapToPk: true, fieldName: 'model_id', nullable: true })
  @Index({ name: 'generations_model', expression: 'create index generations_model on generations (model_id)' })
  modelId: string | null = null;

  /** A decimal string: it may exceed what a bigint holds. */
  @Property({ type: 'numeric', precision: 20, scale: 0, nullable: true })
  @Field(() => Seed, { nullable: true, description: 'The seed that was used, also when it was drawn at random.' })
  seed: string | null = null;

  @Property({ type: 'json' })
  @Field(() => JSONValue, { description: 'Every input with the value that was used.' })
  parameters!: Parameters;

  /** Where the picture to start from is kept; a copy of its own, so that deleting the original harms nothing. */
  @Property({ type: 'text', nullable: true })
  sourceFile: string | null = null;

  /** The negated priority, so that one ascending index gives the order. */
  @Property({ type: 'smallint' })
  rank: number = 0;

  /** Whether it wants a place on a backend: PENDING, or PROCESSING between two attempts. */
  @Property({ type: 'boolean' })
  waiting: boolean = true;

  /** Not before this; the backoff of a job that is to be sent again. */
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  runAfter!: Date;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'How often a backend was asked, this time included; 0 while PENDING.' })
  attempt: number = 0;

  /** Rises whenever another process takes the job; a write that names an older one changes nothing. */
  @Property({ type: 'integer' })
  fence: number = 0;

  /** What it needs of a backend: the id of a row of `routes`. */
  @Property({ type: 'text', nullable: true })
  route: string | null = null;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: 'As the caller gave it, for clients that show what they create before it is answered.',
  })
  idempotencyKey: string | null = null;

  /** Of what the client sent under that key, before anything was drawn or filled in. */
  @Property({ type: 'blob', nullable: true, lazy: true })
  inputHash: Buffer | null = null;

  @ManyToOne(() => Generation, { mapToPk: true, fieldName: 'retry_of_id', nullable: true, deleteRule: 'set null' })
  @Index({
    name: 'generations_retry_of',
    expression: 'create index generations_retry_of on generations (retry_of_id) where retry_of_id is not null',
  })
  retryOfId: string | null = null;

  /** Whether a backend ran out of memory over it, and was told to free some. */
  @Property({ type: 'boolean' })
  freed: boolean = false;

  /** How many attempts began to execute and came to nothing: an attempt that only waited in ComfyUI's queue is not counted. */
  @Property({ type: 'integer' })
  spent: number = 0;

  /** The ids of the backends where it failed for reasons that may be the backend's. */
  @Property({ type: 'array', lazy: true, defaultRaw: `'{}'` })
  avoids: string[] = [];

  /** Until then it runs elsewhere, if it can. */
  @Property({ type: 'timestamptz', nullable: true, lazy: true })
  avoidsUntil: Date | null = null;

  /** How often the process that held it died since it last came on. */
  @Property({ type: 'integer' })
  crashes: number = 0;

  @Property({ type: 'json', nullable: true })
  @Field(() => Failure, { nullable: true, description: 'Null unless FAILED.' })
  failure: Failure | null = null;

  // Milliseconds, as a JavaScript Date has them: a cursor must name the instant exactly.
  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was asked for.' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When ComfyUI began to execute it.' })
  startedAt: Date | null = null;

  @Property({ type: 'timestamptz', length: 3, nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it reached COMPLETED, FAILED or CANCELED.' })
  completedAt: Date | null = null;

  /** When anything of it last changed. */
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  updatedAt!: Date;

  /** The transactions that created it and that last changed it: see changes.ts. PostgreSQL writes both. */
  @Property({ type: 'string', columnType: 'xid8', defaultRaw: 'pg_current_xact_id()', lazy: true })
  createdIn!: string;

  @Property({ type: 'string', columnType: 'xid8', defaultRaw: 'pg_current_xact_id()', lazy: true })
  changedIn!: string;

  /** Set first when it is deleted: invisible from then on, while its prompt and files are cleared away. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;
}
