/** The workflows that come with the server. */

import type { Workflow } from '../workflow.js';
import type { WorkflowReference, WorkflowSource } from '../workflows.js';
import { imageToImage } from './image-to-image.js';
import { testCard } from './test-card.js';
import { textToImage } from './text-to-image.js';

export const builtIn: readonly Workflow[] = [textToImage, imageToImage, testCard];

/** Every user may use them. */
export const builtInSource: WorkflowSource = {
  list: async () => builtIn,
  findMany: async (references) => references.map(find),
  findById: async (_userId, id) => builtIn.find((workflow) => workflow.id === id),
};

const find = ({ name, version }: WorkflowReference): Workflow | undefined =>
  builtIn.find((workflow) => workflow.name === name && (version === undefined || workflow.version === version));
