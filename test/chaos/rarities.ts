/** What only some backends have, and some generations ask for. */

export type Rarity = {
  /** What a generation is asked for with. */
  input: object;
  /** What the simulator is told so that it has it, in place of COMMON. */
  env: Record<string, string>;
};

const CHECKPOINT = 'common.safetensors';
/** It is first by name, and so the default. */
export const COMMON = { SIMULATOR_CHECKPOINTS: CHECKPOINT };

const SAMPLER: Rarity = { input: { sampler: 'res_2s' }, env: { SIMULATOR_SAMPLERS: 'res_2s' } };
const MODEL: Rarity = {
  input: { model: 'rare' },
  env: { SIMULATOR_CHECKPOINTS: `${CHECKPOINT},rare.safetensors` },
};

/** The first so many of all backends have the sampler, and the last so many the model. */
export function raritiesOf(nth: number, { backends, unlike }: { backends: number; unlike: number }): Rarity[] {
  return [...(nth < unlike ? [SAMPLER] : []), ...(nth >= backends - unlike ? [MODEL] : [])];
}
