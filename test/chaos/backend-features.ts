/** Features that only some backends have and some generations need. */
export type BackendFeature = {
  /** The input fields of a generation that needs the feature. */
  input: object;
  /** The simulator's environment for this feature; it overrides COMMON. */
  env: Record<string, string>;
};

const CHECKPOINT = 'common.safetensors';
/** The first name is the default model. */
export const COMMON = { SIMULATOR_CHECKPOINTS: CHECKPOINT };

const SAMPLER: BackendFeature = { input: { sampler: 'res_2s' }, env: { SIMULATOR_SAMPLERS: 'res_2s' } };
const MODEL: BackendFeature = {
  input: { model: 'rare' },
  env: { SIMULATOR_CHECKPOINTS: `${CHECKPOINT},rare.safetensors` },
};

/** The first `unlike` backends have the sampler, the last `unlike` backends the model. */
export function featuresOf(nth: number, { backends, unlike }: { backends: number; unlike: number }): BackendFeature[] {
  return [...(nth < unlike ? [SAMPLER] : []), ...(nth >= backends - unlike ? [MODEL] : [])];
}
