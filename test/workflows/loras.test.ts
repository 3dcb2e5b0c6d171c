import type { Graph } from '../../src/comfyui/index.js';
import { withLoras } from '../../src/workflows/loras.js';

const graph: Graph = {
  unet: { class_type: 'UNETLoader', inputs: { unet_name: 'a.safetensors', weight_dtype: 'default' } },
  lora1: { class_type: 'ModelSamplingAuraFlow', inputs: { model: ['unet', 0], shift: 3 } },
  guider: { class_type: 'CFGGuider', inputs: { model: ['lora1', 0], cfg: 1 } },
};

test('a family without a clip of its own gets LoRAs for the model alone, right behind the loader', () => {
  const loras = [
    { name: 'a.safetensors', strength: 1 },
    { name: 'b.safetensors', strength: 0.5 },
  ];
  expect(withLoras(graph, loras, { model: ['unet', 0] })).toMatchObject({
    lora1_: {
      class_type: 'LoraLoaderModelOnly',
      inputs: { model: ['unet', 0], lora_name: 'a.safetensors', strength_model: 1 },
    },
    lora2: { class_type: 'LoraLoaderModelOnly', inputs: { model: ['lora1_', 0], strength_model: 0.5 } },
    lora1: { inputs: { model: ['lora2', 0] } },
    guider: { inputs: { model: ['lora1', 0] } },
  });
});

test('without LoRAs the graph stays as it is', () => {
  expect(withLoras(graph, [], { model: ['unet', 0] })).toBe(graph);
});
