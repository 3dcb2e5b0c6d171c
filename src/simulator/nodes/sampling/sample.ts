/** Samples: paints the picture that the texts ask for and tells of each step, with a preview of how it comes out of the noise. */
import type { Bitmap } from '../../pictures/bitmap.js';
import { Emergence } from '../../pictures/emerge.js';
import { mix } from '../../pictures/mix.js';
import { paint } from '../../pictures/paint.js';
import type { NodeRun } from '../node.js';
import { Conditioning, Latent, Model, once, take } from '../values.js';

/** How much of its first stage's picture a second stage that goes on with the noise replaces. */
const REFINING = 0.5;

type SampleRequest = {
  model: Model;
  positive: Conditioning;
  negative: Conditioning;
  latent: Latent;
  seed: unknown;
  steps: number;
  denoise: number;
};

/** What a sampler's inputs hold. Throws a PythonError for constants. */
export function conditions({ model, positive, negative, latent_image }: Record<string, unknown>) {
  return {
    model: take(Model, model),
    positive: take(Conditioning, positive),
    negative: take(Conditioning, negative),
    latent: take(Latent, latent_image),
  };
}

/** Tells of each step, with a preview of the first picture as it comes out of the noise. */
export async function sample(
  { model, positive, negative, latent, seed, steps, denoise }: SampleRequest,
  run: NodeRun,
): Promise<Latent> {
  const { width, height } = latent;
  if (steps === 0) return latent;
  const frames = latent.frames.map((source, index) =>
    once(async () => {
      const wish = { positive: positive.text, negative: negative.text, model: model.name, seed: `${seed}/${index}` };
      const painted = await paint({ ...wish, width, height, signal: run.signal });
      if (latent.state === 'blank') return painted;
      // What was left noisy is not a source but a beginning: the second model finishes it.
      return mix(await source(), painted, latent.state === 'noisy' ? denoise * REFINING : denoise);
    }),
  );
  const [first] = frames;
  let emergence: Emergence | undefined;
  for (let step = 1; step <= steps; step++) {
    const begun = performance.now();
    let preview: Bitmap | undefined;
    if (first && run.showsPreviews()) {
      emergence ??= await Emergence.of(await first(), run.previewPx);
      // With a source it begins half done.
      preview = await emergence.at(latent.state === 'clean' ? 1 - denoise * (1 - step / steps) : step / steps);
    }
    await run.work(run.stepMs - (performance.now() - begun));
    await run.progress(step, steps, preview);
  }
  return new Latent(width, height, frames);
}
