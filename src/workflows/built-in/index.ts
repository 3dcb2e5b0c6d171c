/** The workflows that come with the server. */

import type { Workflow } from '../workflow.js';
import { imageToImage } from './image-to-image.js';
import { testCard } from './test-card.js';
import { textToImage } from './text-to-image.js';

export const builtIn: readonly Workflow[] = [textToImage, imageToImage, testCard];

export const findWorkflow = (name: string, version?: number): Workflow | undefined =>
  builtIn.find((workflow) => workflow.name === name && (version === undefined || workflow.version === version));
