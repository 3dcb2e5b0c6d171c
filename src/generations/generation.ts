/** A request for images and its outcome. Inserting the row enqueues the job. Only `transitions.ts` changes the status. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Enum, Index, ManyToOne, PrimaryKey, Property } from '@mikro-orm/decorators/legacy';
import { Field, Int, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { User } from '../accounts/user.js';
import { Model } from '../backends/model.js';
import { Node } from '../graphql/node.js';
import { JSONValue, Seed } from '../graphql/scalars.js';
import { SavedWorkflow } from '../workflows/saved/saved-workflow.js';
import { Failure } from './failure.js';
import { GenerationStatus } from './status.js';

declare module '../db/query.js' {
  interface Tables {
    generations: TableOf<Generation>;
  }
}

/** Each input of the workflow with its effective value. */
export type Parameters = Record<string, unknown>;

/** MikroORM cannot state the parts of these. */
const IndexOn = (name: string, on: string) => Index({ name, expression: `create index ${name} on generations ${on}` });
const UniqueOn = (name: string, on: string) =>
  Index({ name, expression: `create unique index ${name} on generations ${on}` });

@Entity({ tableName: 'generations' })
@IndexOn('generations_workflow', '(workflow_id) where workflow_id is not null')
@IndexOn('generations_retry_of', '(retry_of_id) where retry_of_id is not null')
@IndexOn('generations_newest', '(user_id, created_at, id) where deleted_at is null')
@IndexOn(
  'generations_facet_newest',
  '(user_id, facet(status, model_id, workflow_name, output_kinds), created_at, id) where deleted_at is null',
)
@IndexOn(
  'generations_facet_completed',
  "(user_id, facet(status, model_id, workflow_name, output_kinds), coalesce(completed_at, 'infinity'), id, created_at) where deleted_at is null",
)
@IndexOn('generations_favorite', '(user_id, created_at, id) where is_favorite and deleted_at is null')
@IndexOn('generations_changed', '(user_id, changed_in)')
@IndexOn('generations_next', '(user_id, rank, created_at, id) include (route, run_after) where waiting')
@IndexOn('generations_route', '(route) where waiting')
@IndexOn('generations_waiting_since', '(created_at) where waiting')
@UniqueOn(
  'generations_idempotency',
  '(user_id, idempotency_key) where idempotency_key is not null and deleted_at is null',
)
@IndexOn('generations_tombstones', '(deleted_at) where deleted_at is not null')
@ObjectType({ implements: Node, description: 'A request for images, and its outcome.' })
export class Generation extends Node {
  [OptionalProps]?:
    | 'status'
    | 'revision'
    | 'waiting'
    | 'attempt'
    | 'fence'
    | 'crashes'
    | 'inputFiles'
    | 'isFavorite'
    | 'outputKinds'
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
  @Field(() => GenerationStatus, { description: 'The state of the generation.' })
  status: GenerationStatus = GenerationStatus.PENDING;

  @Property({ type: 'integer' })
  @Field(() => Int, {
    description:
      'Increases with each change of status, attempt, result, failure, share or isFavorite, not with progress or queuePosition. The response with the higher revision is the newer; at equal revisions, the one with the later progress.updatedAt.',
  })
  revision: number = 1;

  @Property({ type: 'text' })
  @Field(() => String, {
    description: 'The prompt; for a graph, the texts of its prompts. Empty if the workflow takes none.',
  })
  prompt!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'What the image should not show. Empty when not given.' })
  negativePrompt!: string;

  @Property({ type: 'text' })
  workflowName!: string;

  @Property({ type: 'integer' })
  workflowVersion!: number;

  /** Null for a built-in workflow, which name and version identify. */
  @ManyToOne(() => SavedWorkflow, { mapToPk: true, fieldName: 'workflow_id', nullable: true, deleteRule: 'no action' })
  workflowId: string | null = null;

  /** Null if the workflow takes no model, and while no catalogue has been seen that could validate its name. */
  @ManyToOne(() => Model, { mapToPk: true, fieldName: 'model_id', nullable: true })
  @Index({ name: 'generations_model', expression: 'create index generations_model on generations (model_id)' })
  modelId: string | null = null;

  /** A decimal string: seeds exceed the range of bigint. */
  @Property({ type: 'numeric', precision: 20, scale: 0, nullable: true })
  @Field(() => Seed, { nullable: true, description: 'The effective seed, given or random.' })
  seed: string | null = null;

  @Property({ type: 'json' })
  @Field(() => JSONValue, { description: 'Each input with its effective value.' })
  parameters!: Parameters;

  /** The storage keys of the input files, by the name of the input. `generation_inputs` keeps the files. */
  @Property({ type: 'json', defaultRaw: `'{}'` })
  inputFiles!: Record<string, string>;

  /** The negated priority, so that one ascending index yields the order. */
  @Property({ type: 'smallint' })
  rank: number = 0;

  /** Whether it waits for a backend slot: PENDING, or PROCESSING between two attempts. */
  @Property({ type: 'boolean' })
  waiting: boolean = true;

  /** The earliest time of the next attempt: the backoff after a loss. */
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  runAfter!: Date;

  @Property({ type: 'integer' })
  @Field(() => Int, { description: 'The number of attempts so far, the current one included; 0 while PENDING.' })
  attempt: number = 0;

  /** A fencing token: increases whenever a process takes the job. A write with an older fence changes nothing. */
  @Property({ type: 'integer' })
  fence: number = 0;

  @Property({ type: 'boolean', default: false })
  @Field(() => Boolean, { description: 'Whether the owner has marked it as a favorite.' })
  isFavorite!: boolean;

  /** Of its result, a bit for each kind: kind-bits.ts. */
  @Property({ type: 'smallint', default: 0, lazy: true })
  outputKinds!: number;

  /** The id of its requirements in `routes`. */
  @Property({ type: 'text', nullable: true })
  route: string | null = null;

  @Property({ type: 'text', nullable: true })
  @Field(() => String, {
    nullable: true,
    description: "The caller's key: clients with optimistic updates match their own creations by it.",
  })
  idempotencyKey: string | null = null;

  /** The hash of the client's input under that key, before seeds and defaults are filled in. */
  @Property({ type: 'blob', nullable: true, lazy: true })
  inputHash: Buffer | null = null;

  /** Told when the generation ends, by `deliveries`. */
  @Property({ type: 'text', nullable: true, lazy: true })
  webhookUrl: string | null = null;

  @ManyToOne(() => Generation, { mapToPk: true, fieldName: 'retry_of_id', nullable: true, deleteRule: 'set null' })
  retryOfId: string | null = null;

  /** Whether a backend ran out of memory on it and was asked to free memory. */
  @Property({ type: 'boolean' })
  freed: boolean = false;

  /** The number of attempts that began to execute and failed. An attempt that only waited in ComfyUI's queue does not count. */
  @Property({ type: 'integer' })
  spent: number = 0;

  /** The ids of backends on which it failed, possibly through a fault of the backend. */
  @Property({ type: 'array', lazy: true, defaultRaw: `'{}'` })
  avoids: string[] = [];

  /** Until then other backends are preferred. */
  @Property({ type: 'timestamptz', nullable: true, lazy: true })
  avoidsUntil: Date | null = null;

  /** How often a process died while it held the job, since the job last made progress. */
  @Property({ type: 'integer' })
  crashes: number = 0;

  @Property({ type: 'json', nullable: true })
  @Field(() => Failure, { nullable: true, description: 'Null unless FAILED.' })
  failure: Failure | null = null;

  // Milliseconds, the precision of a JavaScript Date: a cursor must name the instant exactly.
  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  @Field(() => Date, { description: 'When it was created.' })
  createdAt!: Date;

  @Property({ type: 'timestamptz', nullable: true })
  @Field(() => Date, { nullable: true, description: 'When ComfyUI started to execute it.' })
  startedAt: Date | null = null;

  @Property({ type: 'timestamptz', length: 3, nullable: true })
  @Field(() => Date, { nullable: true, description: 'When it reached COMPLETED, FAILED or CANCELED.' })
  completedAt: Date | null = null;

  /** The time of the last change of the row. */
  @Property({ type: 'timestamptz', defaultRaw: 'now()' })
  updatedAt!: Date;

  /** The transactions that created it and last changed it, written by PostgreSQL: see changes.ts. */
  @Property({ type: 'string', columnType: 'xid8', defaultRaw: 'pg_current_xact_id()', lazy: true })
  createdIn!: string;

  @Property({ type: 'string', columnType: 'xid8', defaultRaw: 'pg_current_xact_id()', lazy: true })
  changedIn!: string;

  /** When it was deleted. The row is invisible from then on, until its prompt and files are removed. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;
}
