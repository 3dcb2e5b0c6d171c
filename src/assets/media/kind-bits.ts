/** The kinds of output that a generation has, as one number, so that a list can be filtered by them. */
import type { MediaKind } from './media-types.js';

/** They are stored: a kind keeps its bit. */
const BITS: Record<MediaKind, number> = { IMAGE: 1, VIDEO: 2, AUDIO: 4, MODEL_3D: 8, TEXT: 16, LATENT: 32, FILE: 64 };

export const bitsOf = (kinds: readonly MediaKind[]): number => kinds.reduce((bits, kind) => bits | BITS[kind], 0);
