/** Node classes for the recordings of ComfyUI 0.33.0, with its inputs. They reproduce the UI output, not the computation. */
import type { InputSpec, NodeOutput } from '../../src/comfyui/protocol/protocol.js';
import type { SimulatedNode } from '../../src/simulator/index.js';
import type { NodeRun } from '../../src/simulator/nodes/node.js';
import { Images, requireType } from '../../src/simulator/nodes/values.js';
import { objectInfo } from '../comfyui/recordings.js';

const catalogue = objectInfo('0.33.0');

function newer(className: string, run: SimulatedNode['run']): SimulatedNode {
  const { input, output, output_node } = catalogue[className] ?? { input: {}, output: [], output_node: false };
  const { required, optional } = input as Record<string, Record<string, InputSpec>>;
  return {
    input: { ...(required && { required }), ...(optional && { optional }) },
    output: output.map(String),
    isOutput: output_node,
    isV3: true,
    run,
  };
}

const passthrough =
  (name: string): SimulatedNode['run'] =>
  (inputs) => ({ outputs: [inputs[name]] });

const save =
  (key: string, extension: string, rest: NodeOutput = {}): SimulatedNode['run'] =>
  async ({ filename_prefix }, { files }: NodeRun) => {
    const one = { size: { width: 1, height: 1 }, extension, files: [Buffer.from(extension)] };
    // Audio nodes have no underscore after the counter.
    const named = (name: string) => (key === 'audio' ? name.replace('_.', '.') : name);
    const items = (await files.save({ type: 'output', prefix: String(filename_prefix), ...one })).map((item) => ({
      ...item,
      filename: named(item.filename),
    }));
    return { ui: { [key]: items, ...rest } };
  };

export const newerNodes: Record<string, SimulatedNode> = {
  CreateVideo: newer('CreateVideo', passthrough('images')),
  SaveVideo: newer('SaveVideo', save('images', 'mp4', { animated: [true] })),
  SaveAnimatedWEBP: newer('SaveAnimatedWEBP', save('images', 'webp', { animated: [true] })),
  LoadAudio: newer('LoadAudio', passthrough('audio')),
  SaveAudio: newer('SaveAudio', save('audio', 'flac')),
  Preview3D: newer('Preview3D', ({ model_file }) => ({ ui: { result: [model_file, null, null] } })),
  BatchImagesNode: newer('BatchImagesNode', (inputs) => ({
    outputs: [new Images(Object.values(inputs).flatMap((each) => requireType(Images, each).frames))],
  })),
  ResizeImageMaskNode: newer('ResizeImageMaskNode', passthrough('input')),
};
