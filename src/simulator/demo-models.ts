/** A simulator that shows everything: the newest version, and a few model files in each folder, with the names that people have. */
import type { SimulatorOptions } from './options.js';

export const demoModels = {
  version: '0.33.0',
  checkpoints: [
    'dreamshaper-8.safetensors',
    'flux1-dev-fp8.safetensors',
    'hunyuan_3d_v2.1.safetensors',
    'sdxl-base-1.0.safetensors',
    'stable-diffusion-1.5.safetensors',
  ],
  loras: ['add-detail.safetensors', 'watercolor.safetensors'],
  vaes: [
    'ace_1.5_vae.safetensors',
    'ae.safetensors',
    'flux2-vae.safetensors',
    'qwen_image_vae.safetensors',
    'wan2.2_vae.safetensors',
    'wan_2.1_vae.safetensors',
    'pixel_space',
  ],
  embeddings: ['easynegative'],
  folders: {
    diffusion_models: [
      'acestep_v1.5_turbo.safetensors',
      'flux-2-klein-4b.safetensors',
      'flux1-dev.safetensors',
      'qwen_image_2512_fp8_e4m3fn.safetensors',
      'qwen_image_edit_2511_bf16.safetensors',
      'wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors',
      'wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors',
      'wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors',
      'wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors',
      'wan2.2_ti2v_5B_fp16.safetensors',
      'z_image_turbo_bf16.safetensors',
    ],
    text_encoders: [
      'clip_l.safetensors',
      'qwen_0.6b_ace15.safetensors',
      'qwen_1.7b_ace15.safetensors',
      'qwen_2.5_vl_7b_fp8_scaled.safetensors',
      'qwen_3_4b.safetensors',
      't5xxl_fp16.safetensors',
      'umt5_xxl_fp8_e4m3fn_scaled.safetensors',
    ],
    clip_vision: ['sigclip_vision_patch14_384.safetensors'],
    controlnet: ['control_v11p_sd15_canny.safetensors'],
    upscale_models: ['RealESRGAN_x4plus.pth'],
  },
} satisfies SimulatorOptions;
