/** Samples: paints the picture that the prompts describe and publishes steps with previews that emerge from noise. */
import { type Bitmap, resized } from '../../pictures/bitmap.js';
import { mix } from '../../pictures/mix.js';
import { NoisyPreview } from '../../pictures/noisy-preview.js';
import { paint } from '../../pictures/paint.js';
import type { NodeRun } from '../node.js';
import { Conditioning, Latent, Model, memoize, requireType } from '../values.js';

/** How much of a noisy first-stage picture the second stage replaces. */
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

/** Returns a sampler's linked inputs. Throws a PythonError for constants. */
export function samplerInputs({ model, positive, negative, latent_image }: Record<string, unknown>) {
  return {
    model: requireType(Model, model),
    positive: requireType(Conditioning, positive),
    negative: requireType(Conditioning, negative),
    latent: requireType(Latent, latent_image),
  };
}

/** Publishes each step, with a preview of the first picture. */
export async function sample(
  { model, positive, negative, latent, seed, steps, denoise }: SampleRequest,
  run: NodeRun,
): Promise<Latent> {
  const { width, height } = latent;
  if (steps === 0) return latent;
  const frames = latent.frames.map((source, index) =>
    memoize(async () => {
      const request = { positive: positive.text, negative: negative.text, model: model.name, seed: `${seed}/${index}` };
      const scene = await paint({ ...request, width, height, signal: run.signal });
      const painted = await withReference(scene, positive);
      if (latent.state === 'blank') return painted;
      // A noisy latent is unfinished: the second stage finishes it.
      const mixed = await mix(await source(), painted, latent.state === 'noisy' ? denoise * REFINING : denoise);
      return latent.parts.mask ? await inside(latent.parts.mask, mixed, await source()) : mixed;
    }),
  );
  const [first] = frames;
  let noisyPreview: NoisyPreview | undefined;
  for (let step = 1; step <= steps; step++) {
    const begun = performance.now();
    let preview: Bitmap | undefined;
    if (first && run.hasPreviewViewer()) {
      noisyPreview ??= await NoisyPreview.create(await first(), run.previewPx);
      // With a source picture the preview starts partly denoised.
      preview = await noisyPreview.at(latent.state === 'clean' ? 1 - denoise * (1 - step / steps) : step / steps);
    }
    await run.simulateWork(run.stepMs - (performance.now() - begun));
    await run.progress(step, steps, preview);
  }
  return latent.with(frames);
}

/** An edit keeps half of the picture that it starts from. */
async function withReference(painted: Bitmap, { reference }: Conditioning): Promise<Bitmap> {
  if (!reference) return painted;
  const { width, height } = painted;
  return mix(await resized(await reference(), width, height), painted, REFINING);
}

/** Takes `painted` where the mask is white, and `source` where it is black. */
async function inside(mask: Bitmap, painted: Bitmap, source: Bitmap): Promise<Bitmap> {
  const { width, height } = painted;
  const { data: opacity } = await resized(mask, width, height);
  const data = Uint8Array.from(painted.data, (value, at) => {
    const from = source.data[at] ?? 0;
    return from + ((value - from) * (opacity[Math.floor(at / 3)] ?? 0)) / 255;
  });
  return { ...painted, data };
}
