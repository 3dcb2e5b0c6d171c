/** Helpers for tests of saved workflows. */
import { dataOf } from '../../generations/support.js';
import type { Answer, Client, Variables } from '../../support/client.js';

/** A picture of one color, without a model. */
export const CARD = {
  '1': { class_type: 'EmptyImage', inputs: { width: 64, height: 64, batch_size: 1, color: 255 } },
  '2': { class_type: 'ImageAddNoise', inputs: { image: ['1', 0], seed: 5, strength: 0.1 }, _meta: { title: 'Noise' } },
  '3': { class_type: 'SaveImage', inputs: { images: ['2', 0], filename_prefix: 'mine' } },
};

/** Two pictures that the caller gives, one over the other. */
export const COLLAGE = {
  a: { class_type: 'LoadImage', inputs: { image: 'example.png' } },
  b: { class_type: 'LoadImage', inputs: { image: 'example.png' } },
  both: {
    class_type: 'ImageCompositeMasked',
    inputs: { destination: ['a', 0], source: ['b', 0], x: 8, y: 8, resize_source: false },
  },
  save: { class_type: 'SaveImage', inputs: { images: ['both', 0], filename_prefix: 'x' } },
};

const FIELDS = `id name title version description isShared isListed createdAt graph owner { id }
  inputs { name title type required default min max step choices isMultiline modelKind group isAdvanced description }
  bindings { name nodeId input also { nodeId input } title type required default min max choices description group isAdvanced }
  outputs { name title kind nodeId } missing { kind name folder suggestions url }`;

export type Saved = {
  id: string;
  name: string;
  version: number;
  graph: Record<string, { inputs: Record<string, unknown> }> | null;
  inputs: { name: string; type: string; required: boolean; default: unknown }[];
  bindings: { name: string }[] | null;
} & Record<string, unknown>;

export const trySave = (client: Client, input: Variables): Promise<Answer> =>
  client.ask(`mutation ($input: SaveWorkflowInput!) { saveWorkflow(input: $input) { ${FIELDS} } }`, {
    input: { name: 'card', graph: CARD, inputs: [], ...input },
  });

export const save = async (client: Client, input: Variables = {}): Promise<Saved> =>
  (await dataOf(trySave(client, input))).saveWorkflow;

export const tryFind = (client: Client, variables: Variables): Promise<Answer> =>
  client.ask(
    `query ($name: String, $id: ID, $version: Int) { workflow(name: $name, id: $id, version: $version) { ${FIELDS} } }`,
    variables,
  );

export const find = async (client: Client, variables: Variables): Promise<Saved> =>
  (await dataOf(tryFind(client, variables))).workflow;

export const listNames = async (client: Client): Promise<string[]> =>
  (await dataOf(client.ask('{ workflows { name } }'))).workflows.map(({ name }: { name: string }) => name);
