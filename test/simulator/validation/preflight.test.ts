/** The preflight against the simulator's validation, which follows ComfyUI's: on graphs with random faults. */
import { missingOf, needsOf } from '../../../src/backends/needs.js';
import { offerOf } from '../../../src/backends/offer.js';
import { checkGraph, type Graph, withDefaults } from '../../../src/comfyui/index.js';
import { demoModels } from '../../../src/simulator/demo-models.js';
import { builtInNodes } from '../../../src/simulator/nodes/index.js';
import { type ModelCatalog, modelFolders } from '../../../src/simulator/nodes/model-catalog.js';
import type { Files } from '../../../src/simulator/nodes/node.js';
import { describeAll } from '../../../src/simulator/nodes/object-info.js';
import { PythonError } from '../../../src/simulator/python/python.js';
import { validate } from '../../../src/simulator/validation/validate.js';
import { VERSIONS } from '../../../src/simulator/version.js';
import { builtIn } from '../../../src/workflows/built-in/index.js';
import { rulesOf } from '../../comfyui/recordings.js';

const GRAPHS = 1_000;
const nodes = new Map(builtInNodes('0.33.0'));
const classes = [...nodes.keys(), 'Nope', 'constructor'];

/** Values of every type, right and wrong. */
const VALUES: unknown[] = [
  ...[null, true, -1, 0, 1, 3.5, 1e30, '', 'a', '7', ' 1e1 ', 'inf', '0x10', 'euler', 'm.safetensors', {}, []],
  ...[
    ['checkpoint', 0],
    ['checkpoint', 1],
    ['sampler', 0],
    ['sampler', -1],
    ['sampler', 9],
    ['save', 0],
    ['gone', 0],
  ],
  ...[[1, 0], ['1', '0'], ['1'], { __value__: 1 }, { __value__: ['a'] }, { __value__: [] }],
];

/** A linear congruential generator: the same graphs in every run. */
function randomFrom(seed: number) {
  let state = seed;
  const below = (end: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * end);
  };
  return { below, pick: <T>(items: readonly T[]): T => items[below(items.length)] as T };
}

const sound = builtIn.map((workflow) => {
  const preset = { width: 64, height: 64, model: 'm.safetensors', source: 'a.png', seed: '7', prompt: 'a hill' };
  const loras = [{ name: 'l.safetensors', strength: 1 }];
  const values = Object.fromEntries(workflow.inputs.map((input) => [input.name, input.default]));
  return workflow.build({ ...values, ...preset, loras }, 'p');
});

function mutated({ below, pick }: ReturnType<typeof randomFrom>): Record<string, unknown> {
  const graph: Record<string, unknown> = structuredClone(pick(sound));
  for (let left = below(3); left > 0; left--) {
    const id = pick(Object.keys(graph));
    const node = graph[id] as Graph[string];
    const inputs = node?.inputs ?? {};
    const input = pick([...Object.keys(inputs), 'extra']);
    pick([
      () => Object.assign(inputs, { [input]: pick(VALUES) }),
      () => Object.assign(inputs, { [input]: pick(VALUES) }),
      () => Object.assign(inputs, { [input]: [pick(Object.keys(graph)), below(3)] }),
      () => Reflect.deleteProperty(inputs, input),
      () => Object.assign(node ?? {}, { class_type: pick(classes) }),
      () => Reflect.deleteProperty(graph, id),
      () => Object.assign(graph, { [id]: pick([null, 1, {}, { class_type: 'KSampler' }]) }),
      () => Object.assign(graph, { more: { class_type: pick(classes), inputs: {} } }),
    ])();
  }
  return graph;
}

const files: Files = {
  find: () => '/a.png',
  read: async () => Buffer.alloc(0),
  fingerprint: () => '',
  save: async () => [],
};

test.each(VERSIONS)(
  '%s: a graph that passes the preflight is not rejected, and needs nothing that the backend lacks',
  (version) => {
    const lists = { checkpoints: ['m.safetensors'], loras: ['l.safetensors'], vaes: demoModels.vaes, embeddings: [] };
    const own = { diffusion_models: ['m.safetensors'], upscale_models: ['m.safetensors'] };
    const folders = modelFolders({ ...lists, folders: { ...demoModels.folders, ...own } });
    const catalog: ModelCatalog = { version, ...lists, folders, samplers: [], inputs: () => ['a.png'] };
    const context = { nodes, catalog, files, orderRoots: (roots: string[]) => roots };
    const rules = rulesOf(JSON.parse(JSON.stringify(describeAll(nodes, catalog), bigintAsNumber)));
    const rejectionOf = (graph: Record<string, unknown>): unknown => {
      try {
        const result = validate(structuredClone(graph), undefined, context);
        return result.ok && Object.keys(result.nodeErrors).length === 0 ? undefined : result;
      } catch (error) {
        if (error instanceof PythonError) return error.message;
        throw error;
      }
    };
    const offer = offerOf(rules);
    const random = randomFrom(7);
    const graphs = Array.from({ length: GRAPHS }, () => mutated(random));
    const passing = graphs.filter((graph) => checkGraph(graph, rules).length === 0) as Graph[];
    expect(passing.length).toBeGreaterThan(GRAPHS / 4);
    expect(passing.length).toBeLessThan(GRAPHS);
    for (const graph of passing) {
      expect([graph, missingOf(needsOf(graph, [offer]), offer)]).toEqual([graph, []]);
      const filled = Object.entries(graph).map(([id, node]) => {
        const ofClass = rules.get(node.class_type);
        return [id, ofClass ? { ...node, inputs: withDefaults(node.inputs, ofClass) } : node];
      });
      expect([graph, rejectionOf(Object.fromEntries(filled))]).toEqual([graph, undefined]);
    }
  },
);

const bigintAsNumber = (_: string, value: unknown) => (typeof value === 'bigint' ? Number(value) : value);
