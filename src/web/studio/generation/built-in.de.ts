/** Titles and descriptions of the built-in workflows, by name. The API has the English ones. */
import type { BuiltInTexts } from './built-in.en';

const texts: BuiltInTexts = {
  'text-to-image': {
    title: 'Text zu Bild',
    description: 'Macht ein Bild aus einem Prompt, mit einem Checkpoint.',
  },
  'image-to-image': {
    title: 'Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit einem Checkpoint.',
  },
  inpaint: {
    title: 'Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit einem Checkpoint.',
  },
  upscale: {
    title: 'Vergrößern',
    description: 'Vergrößert ein Ausgangsbild um den Faktor eines Upscale-Modells.',
  },
  'test-card': {
    title: 'Testbild',
    description: 'Macht ein Testbild allein mit eingebauten Knoten, ohne Modell: zeigt, dass ComfyUI arbeitet.',
  },
  'flux-2-klein': {
    title: 'Flux.2 klein',
    description: 'Macht ein Bild aus einem Prompt in vier Schritten, mit Flux.2 klein.',
  },
  'flux-2-klein-edit': {
    title: 'Flux.2 klein, Bearbeiten',
    description: 'Ändert ein Ausgangsbild so, wie der Prompt es sagt, in vier Schritten, mit Flux.2 klein.',
  },
  'qwen-image-edit': {
    title: 'Qwen-Image-Edit',
    description: 'Ändert ein Ausgangsbild so, wie der Prompt es sagt, mit Qwen-Image-Edit.',
  },
  'wan-2.2-text-to-video': {
    title: 'Wan 2.2 14B, Text zu Video',
    description: 'Macht ein Video aus einem Prompt, mit den zwei Modellen von Wan 2.2 14B.',
  },
  'wan-2.2-image-to-video': {
    title: 'Wan 2.2 14B, Bild zu Video',
    description: 'Macht ein Video, das mit einem Ausgangsbild beginnt, mit den zwei Modellen von Wan 2.2 14B.',
  },
  'wan-2.2-5b': {
    title: 'Wan 2.2 5B, Bild zu Video',
    description: 'Macht ein Video, das mit einem Ausgangsbild beginnt, mit Wan 2.2 5B.',
  },
  'ace-step-1.5': {
    title: 'ACE-Step 1.5',
    description: 'Macht ein Lied aus einer Beschreibung und einem Liedtext, mit ACE-Step 1.5 turbo.',
  },
  'hunyuan3d-2.1': {
    title: 'Hunyuan3D 2.1',
    description: 'Macht ein 3D-Modell des Gegenstands auf einem Ausgangsbild, mit Hunyuan3D.',
  },
  sdxl: {
    title: 'Stable Diffusion XL',
    description:
      'Macht ein Bild aus einem Prompt, mit einem Checkpoint der SDXL-Klasse: SDXL, Pony, Illustrious, NoobAI.',
  },
  'sdxl-image-to-image': {
    title: 'Stable Diffusion XL, Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit Stable Diffusion XL.',
  },
  'sdxl-inpaint': {
    title: 'Stable Diffusion XL, Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit Stable Diffusion XL.',
  },
  'z-image-turbo': {
    title: 'Z-Image Turbo',
    description: 'Macht ein Bild aus einem Prompt in acht Schritten, mit Z-Image Turbo.',
  },
  'z-image-turbo-image-to-image': {
    title: 'Z-Image Turbo, Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit Z-Image Turbo.',
  },
  'z-image-turbo-inpaint': {
    title: 'Z-Image Turbo, Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit Z-Image Turbo.',
  },
  'flux-1': {
    title: 'Flux.1',
    description: 'Macht ein Bild aus einem Prompt, mit Flux.1 dev, Krea oder einem Finetune in getrennten Dateien.',
  },
  'flux-1-image-to-image': {
    title: 'Flux.1, Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit Flux.1.',
  },
  'flux-1-inpaint': {
    title: 'Flux.1, Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit Flux.1.',
  },
  'flux-1-checkpoint': {
    title: 'Flux.1 (eine Datei)',
    description: 'Macht ein Bild aus einem Prompt, mit Flux.1 dev, Krea oder einem Finetune in einer einzigen Datei.',
  },
  'flux-1-checkpoint-image-to-image': {
    title: 'Flux.1 (eine Datei), Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit Flux.1 (eine Datei).',
  },
  'flux-1-checkpoint-inpaint': {
    title: 'Flux.1 (eine Datei), Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit Flux.1 (eine Datei).',
  },
  'qwen-image': {
    title: 'Qwen-Image',
    description: 'Macht ein Bild aus einem Prompt, mit Qwen-Image: stark bei Schrift in Bildern.',
  },
  'qwen-image-image-to-image': {
    title: 'Qwen-Image, Bild zu Bild',
    description: 'Macht ein Bild aus einem Ausgangsbild und einem Prompt, mit Qwen-Image.',
  },
  'qwen-image-inpaint': {
    title: 'Qwen-Image, Inpainting',
    description: 'Malt die durchsichtigen Teile eines Ausgangsbilds neu, mit Qwen-Image.',
  },
};

export default texts;
