/** A model file that a ComfyUI backend offers or once offered. */
import { Collection } from '@mikro-orm/core';
import { Entity, Enum, ManyToMany, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';
import { ModelKind } from '../workflows/model-kind.js';
import { Backend } from './backend.js';

declare module '../db/query.js' {
  interface Tables {
    models: TableOf<Model>;
    backend_models: { model_id: string; backend_id: string };
  }
}

@Entity({ tableName: 'models' })
@Unique({ properties: ['kind', 'folder', 'name'] })
@Unique({ properties: ['kind', 'folder', 'filename'] })
@ObjectType({
  implements: Node,
  description:
    'A model that a ComfyUI backend offers. Its name is the path of the file without its extension, such as `stable-diffusion-1.5`, with `\\` written as `/`. Names are unique for each kind, and for each folder of OTHER: if two would be equal, one keeps its extension. Inputs accept the filename in place of the name.',
})
export class Model extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @Enum({ items: () => ModelKind })
  @Field(() => ModelKind, { description: 'The purpose of the model.' })
  kind!: ModelKind;

  /** Of an OTHER, if it is known; empty for every other kind, which has one folder. */
  @Property({ type: 'text', default: '' })
  folder!: string;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'The name to use in `createGeneration`.' })
  name!: string;

  /** As ComfyUI lists it, including its path separators: a graph has to use this spelling. */
  @Property({ type: 'text' })
  @Field(() => String, { description: 'The path of the file, as ComfyUI lists it.' })
  filename!: string;

  /** The backends whose catalogue lists the file. */
  @ManyToMany({
    entity: () => Backend,
    pivotTable: 'backend_models',
    joinColumn: 'model_id',
    inverseJoinColumn: 'backend_id',
    deleteRule: 'cascade',
  })
  backends = new Collection<Backend>(this);
}
