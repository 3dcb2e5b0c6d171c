/** What we know of a file by its bytes. */
import type { MediaKind } from './media-types.js';

export type MediaInfo = {
  kind: MediaKind;
  contentType: string;
  /** Without a dot. */
  extension: string;
  /** In pixels, of images and videos, after the rotation that the file asks for. */
  width: number | null;
  height: number | null;
  /** Images only. */
  isAnimated: boolean;
  /** In seconds, of videos and sounds, where the container names it. */
  duration: number | null;
  /** Base64, of images. */
  thumbHash: string | null;
};

/** What the container of a video or a sound names. */
export type Playback = Pick<MediaInfo, 'duration' | 'width' | 'height'>;

export const sound = (duration: number | null): Playback => ({ duration, width: null, height: null });

/** Null for a quotient that is no length of time. */
export function seconds(units: number, unitsPerSecond: number): number | null {
  const duration = units / unitsPerSecond;
  return Number.isFinite(duration) && duration > 0 ? duration : null;
}
