/** Painting with a mouse, a finger or a pen. */
import { type PointerEvent, type RefObject, useEffect, useRef, useState } from 'react';
import type { Size } from './export-mask';
import { type Line, type Point, paint, type Stroke } from './strokes';

export type Tool = 'paint' | 'erase';

/** A second finger that comes sooner wants to zoom: what the first one has painted was not meant. */
const PINCH_MS = 250;

type Brush = {
  strokes: readonly Stroke[];
  add(stroke: Stroke): void;
  undo(): void;
  /** The handlers of the canvas. */
  handlers: Record<
    'onPointerDown' | 'onPointerMove' | 'onPointerUp' | 'onPointerCancel',
    (event: PointerEvent) => void
  >;
};

/** @param size of the picture; @param diameter of the brush in pixels of the picture */
export function useBrush(
  canvas: RefObject<HTMLCanvasElement | null>,
  size: Size | undefined,
  { tool, diameter, initial }: { tool: Tool; diameter: number; initial: readonly Stroke[] },
): Brush {
  const [strokes, setStrokes] = useState(initial);
  const current = useRef<Line>(undefined);
  /** Who paints it, and since when. */
  const painter = useRef({ pointerId: 0, since: 0 });

  const draw = () => {
    if (!canvas.current || !size) return;
    const all = current.current ? [...strokes, current.current] : strokes;
    const colour = getComputedStyle(canvas.current).color;
    paint(canvas.current, all, colour, canvas.current.width / size.width);
  };
  useEffect(draw);

  const pointsOf = ({ nativeEvent, currentTarget }: PointerEvent): Point[] => {
    const box = currentTarget.getBoundingClientRect();
    const events = nativeEvent.getCoalescedEvents?.() ?? [];
    return (events.length > 0 ? events : [nativeEvent]).map(({ clientX, clientY }) => ({
      x: ((clientX - box.left) / box.width) * (size?.width ?? 0),
      y: ((clientY - box.top) / box.height) * (size?.height ?? 0),
    }));
  };
  const end = ({ pointerId }: PointerEvent) => {
    if (pointerId !== painter.current.pointerId) return;
    const stroke = current.current;
    current.current = undefined;
    if (stroke) setStrokes((before) => [...before, stroke]);
  };

  return {
    strokes,
    add: (stroke) => setStrokes([...strokes, stroke]),
    undo: () => setStrokes(strokes.slice(0, -1)),
    handlers: {
      onPointerDown(event) {
        if (event.button !== 0) return;
        if (current.current) {
          if (event.timeStamp - painter.current.since < PINCH_MS) current.current = undefined;
          return draw();
        }
        if (!event.isPrimary) return;
        painter.current = { pointerId: event.pointerId, since: event.timeStamp };
        event.currentTarget.setPointerCapture(event.pointerId);
        current.current = { kind: tool, size: diameter, points: pointsOf(event) };
        draw();
      },
      onPointerMove(event) {
        if (!current.current || event.pointerId !== painter.current.pointerId) return;
        current.current.points.push(...pointsOf(event));
        draw();
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}
