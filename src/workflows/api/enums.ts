/** The enums of workflows. */
import { registerEnumType } from 'type-graphql';
import type { InputType, OutputKind } from '../workflow.js';

export const WorkflowInputType: { [Type in InputType]: Type } = {
  STRING: 'STRING',
  INT: 'INT',
  FLOAT: 'FLOAT',
  BOOLEAN: 'BOOLEAN',
  SEED: 'SEED',
  CHOICE: 'CHOICE',
  MODEL: 'MODEL',
  LORAS: 'LORAS',
  IMAGE: 'IMAGE',
  MASK: 'MASK',
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  FILE: 'FILE',
};
registerEnumType(WorkflowInputType, {
  name: 'WorkflowInputType',
  description: 'The type of a workflow input.',
  valuesConfig: {
    STRING: { description: 'Text.' },
    INT: { description: 'A whole number.' },
    FLOAT: { description: 'A number.' },
    BOOLEAN: { description: 'True or false.' },
    SEED: { description: 'An integer from 0 to 2^64-1; inside JSON a string.' },
    CHOICE: { description: 'One of `choices`.' },
    MODEL: { description: 'The name of a model.' },
    LORAS: { description: 'A list of `{ "name": …, "strength": 1 }`, applied in this order.' },
    IMAGE: { description: "The id of one of the viewer's images or filled uploads." },
    MASK: { description: "The id of one of the viewer's images, which ComfyUI uses as a mask." },
    VIDEO: { description: "The id of one of the viewer's videos." },
    AUDIO: { description: "The id of one of the viewer's sounds." },
    FILE: { description: "The id of one of the viewer's files." },
  },
});

export const WorkflowOutputKind: { [Kind in OutputKind]: Kind } = {
  IMAGE: 'IMAGE',
  VIDEO: 'VIDEO',
  AUDIO: 'AUDIO',
  MODEL_3D: 'MODEL_3D',
  TEXT: 'TEXT',
  LATENT: 'LATENT',
  FILE: 'FILE',
};
registerEnumType(WorkflowOutputKind, {
  name: 'OutputKind',
  description: 'What an output of a workflow is.',
  valuesConfig: {
    IMAGE: { description: 'Pictures.' },
    VIDEO: { description: 'A video.' },
    AUDIO: { description: 'A sound.' },
    MODEL_3D: { description: 'A 3D model.' },
    TEXT: { description: 'Text.' },
    LATENT: { description: 'Latents of ComfyUI.' },
    FILE: { description: 'Another file.' },
  },
});
