/** One version of a workflow that a user saved. Only whether it is shared and deleted changes. */
import { OptionalProps } from '@mikro-orm/core';
import { Entity, Index, ManyToOne, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { v7 as uuid } from 'uuid';
import { User } from '../../accounts/user.js';
import type { Graph } from '../../comfyui/index.js';
import type { LoraPoint } from '../loras.js';
import type { Input, Output, Place } from '../workflow.js';

declare module '../../db/query.js' {
  interface Tables {
    workflows: TableOf<SavedWorkflow>;
  }
}

/** An input with the places in the graph that take its value. `loras`: where the chain of LORAS goes. */
export type SavedInput = Input & { places: Place[]; loras?: LoraPoint };

@Entity({ tableName: 'workflows' })
@Unique({ properties: ['ownerId', 'name', 'version'] })
@Index({
  name: 'workflows_shared',
  expression: 'create index workflows_shared on workflows (name, version) where is_shared and deleted_at is null',
})
export class SavedWorkflow {
  [OptionalProps]?: 'isShared' | 'isListed' | 'createdAt';

  @PrimaryKey({ type: 'uuid' })
  id: string = uuid();

  /** Null once the account is deleted, while generations of other users name the version. */
  @ManyToOne(() => User, { mapToPk: true, fieldName: 'owner_id', nullable: true, deleteRule: 'set null' })
  ownerId: string | null = null;

  @Property({ type: 'text' })
  name!: string;

  @Property({ type: 'integer' })
  version!: number;

  @Property({ type: 'text', nullable: true })
  title: string | null = null;

  @Property({ type: 'text', nullable: true })
  description: string | null = null;

  /** In ComfyUI's API format. Not jsonb, which would reorder the nodes. */
  @Property({ type: 'json', columnType: 'json', lazy: true })
  graph!: Graph;

  @Property({ type: 'json' })
  inputs!: SavedInput[];

  @Property({ type: 'json' })
  outputs!: Output[];

  @Property({ type: 'boolean' })
  isShared: boolean = false;

  /** False for a workflow that only keeps a graph of `createGeneration`. */
  @Property({ type: 'boolean' })
  isListed: boolean = true;

  @Property({ type: 'timestamptz', length: 3, defaultRaw: 'now()' })
  createdAt!: Date;

  /** When its name was deleted: from then on only generations reach it. */
  @Property({ type: 'timestamptz', nullable: true })
  deletedAt: Date | null = null;
}
