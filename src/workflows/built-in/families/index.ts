/** The families of models. Of two that recognise a model, the first one counts. */
import { derive } from '../derive.js';
import type { Family } from '../family.js';
import flux1 from './flux-1.json' with { type: 'json' };
import flux1Checkpoint from './flux-1-checkpoint.json' with { type: 'json' };
import flux2Klein from './flux-2-klein.json' with { type: 'json' };
import flux2KleinEdit from './flux-2-klein-edit.json' with { type: 'json' };
import inpaint from './inpaint.json' with { type: 'json' };
import aceStep from './media/ace-step-1.5.json' with { type: 'json' };
import hunyuan3d from './media/hunyuan3d-2.1.json' with { type: 'json' };
import wan5b from './media/wan-2.2-5b.json' with { type: 'json' };
import wanImageToVideo from './media/wan-2.2-image-to-video.json' with { type: 'json' };
import wanTextToVideo from './media/wan-2.2-text-to-video.json' with { type: 'json' };
import qwenImage from './qwen-image.json' with { type: 'json' };
import qwenImageEdit from './qwen-image-edit.json' with { type: 'json' };
import sdxl from './sdxl.json' with { type: 'json' };
import upscale from './upscale.json' with { type: 'json' };
import zImageTurbo from './z-image-turbo.json' with { type: 'json' };

const written = [
  flux1Checkpoint,
  zImageTurbo,
  flux2Klein,
  flux2KleinEdit,
  qwenImageEdit,
  qwenImage,
  flux1,
  sdxl,
  inpaint,
  upscale,
  wanTextToVideo,
  wanImageToVideo,
  wan5b,
  aceStep,
  hunyuan3d,
] as unknown as readonly Family[];

export const modelFamilies: readonly Family[] = written.flatMap((family) => [family, ...derive(family)]);
