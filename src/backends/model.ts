/** A model file that some ComfyUI backend offers, or offered. */

import { Collection } from '@mikro-orm/core';
import { Entity, Enum, ManyToMany, PrimaryKey, Property, Unique } from '@mikro-orm/decorators/legacy';
import { Field, ObjectType, registerEnumType } from 'type-graphql';
import { v7 as uuid } from 'uuid';
import { Node } from '../graphql/node.js';
import { Backend } from './backend.js';

export enum ModelKind {
  CHECKPOINT = 'CHECKPOINT',
  DIFFUSION_MODEL = 'DIFFUSION_MODEL',
  TEXT_ENCODER = 'TEXT_ENCODER',
  LORA = 'LORA',
  VAE = 'VAE',
  UPSCALER = 'UPSCALER',
  CONTROLNET = 'CONTROLNET',
  EMBEDDING = 'EMBEDDING',
}
registerEnumType(ModelKind, {
  name: 'ModelKind',
  description: 'What a model file is for, after the folder ComfyUI keeps it in.',
  valuesConfig: {
    CHECKPOINT: { description: 'A whole model: what draws, what reads text, and what turns latents into pictures.' },
    DIFFUSION_MODEL: { description: 'Only what draws.' },
    TEXT_ENCODER: { description: 'What reads text for a model.' },
    LORA: { description: 'A small change to another model.' },
    VAE: { description: 'What turns latents into pictures and back.' },
    UPSCALER: { description: 'What makes pictures larger.' },
    CONTROLNET: { description: 'What holds a picture to a pose, an outline or a depth.' },
    EMBEDDING: { description: 'A word that was learned, to use in a prompt.' },
  },
});

@Entity({ tableName: 'models' })
@Unique({ properties: ['kind', 'name'] })
@Unique({ properties: ['kind', 'filename'] })
@ObjectType({
  implements: Node,
  description:
    "A model that some ComfyUI backend offers. Its name is the file's path without its extension, such as `stable-diffusion-1.5`, with `\\` written as `/`; unique for its kind: where two would clash the extension stays. Wherever a name is taken, the filename is taken too.",
})
export class Model extends Node {
  @PrimaryKey({ type: 'uuid' })
  override id: string = uuid();

  @Enum({ items: () => ModelKind })
  @Field(() => ModelKind, { description: 'What it is for.' })
  kind!: ModelKind;

  @Property({ type: 'text' })
  @Field(() => String, { description: 'What to call it in `createGeneration`.' })
  name!: string;

  /** As ComfyUI lists it, path separators included: what a graph has to say. */
  @Property({ type: 'text' })
  @Field(() => String, { description: 'The file, as ComfyUI lists it.' })
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
