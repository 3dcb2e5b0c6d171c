/** Magnification and position of a picture: pixels from the middle of its frame. */
export type Zoom = { scale: number; x: number; y: number };
export type Point = { x: number; y: number };

export const WHOLE: Zoom = { scale: 1, x: 0, y: 0 };
const MAX_SCALE = 12;
/** A double tap shows details. */
export const CLOSE_SCALE = 2.5;

/** Magnifies so that what is under `point` stays there. @param point from the middle of the frame */
export function zoomAt({ scale, x, y }: Zoom, factor: number, point: Point): Zoom {
  const next = Math.min(MAX_SCALE, Math.max(1, scale * factor));
  const change = next / scale;
  return { scale: next, x: point.x - (point.x - x) * change, y: point.y - (point.y - y) * change };
}

/** Keeps the picture in the frame. @param frame its width and height as x and y */
export function contain({ scale, x, y }: Zoom, frame: Point): Zoom {
  if (scale <= 1) return WHOLE;
  const limit = (value: number, size: number) => {
    const most = (size * (scale - 1)) / 2;
    return Math.min(most, Math.max(-most, value));
  };
  return { scale, x: limit(x, frame.x), y: limit(y, frame.y) };
}

export const toTransform = ({ scale, x, y }: Zoom): string => `translate(${x}px, ${y}px) scale(${scale})`;
