/** The node classes of the table: their inputs are data, and the type of an output decides how it is made. */
import type { InputSpec } from '../../../comfyui/protocol/protocol.js';
import type { NodeRun, SimulatedNode } from '../node.js';
import { type Entry, entries, inputsOfEntry } from './entry.js';
import { latents } from './latents.js';
import { type Inputs, makeOutputs } from './make.js';
import { media } from './media.js';
import { pictures } from './pictures.js';
import { savers } from './savers/savers.js';
import { texts } from './texts.js';

/** Classes that compute something, or save it. */
const runs: Record<string, SimulatedNode['run']> = { ...texts, ...pictures, ...latents, ...media, ...savers };

export const catalogue: Record<string, SimulatedNode> = Object.fromEntries(
  Object.entries(entries).map(([name, entry]) => [name, toNode(entry, runs[name])]),
);

function toNode(entry: Entry, run: SimulatedNode['run'] | undefined): SimulatedNode {
  const { output, outputName, isOutput, isV3, displayName, category, module } = entry;
  const upload = uploadOf(entry);
  return {
    input: (catalog) => inputsOfEntry(entry, catalog),
    output,
    ...(outputName && { outputName }),
    ...(isOutput && { isOutput }),
    ...(isV3 && { isV3 }),
    ...(upload !== undefined && uploadedFile(upload)),
    displayName,
    category,
    module,
    run: run ?? (async (inputs: Inputs, context: NodeRun) => ({ outputs: await makeOutputs(entry, inputs, context) })),
  };
}

/** The input that names an uploaded file. */
function uploadOf({ required = {} }: Entry): string | undefined {
  const isUpload = ([, [, options = {}]]: [string, InputSpec]) =>
    ['image_upload', 'audio_upload', 'video_upload'].some((key) => options[key] === true);
  return Object.entries(required).find(isUpload)?.[0];
}

function uploadedFile(name: string): Pick<SimulatedNode, 'cacheKey' | 'customValidation'> {
  return {
    cacheKey: (inputs, files) => files.fingerprint(String(inputs[name])),
    customValidation: {
      inputs: [name],
      run: (inputs, files) => files.find(String(inputs[name])) !== undefined || `Invalid file: ${inputs[name]}`,
    },
  };
}
