/** Wheel, pinch, double tap and drag on a picture, and swipes to the next one. */
import { type RefObject, useEffect, useEffectEvent, useRef, useState } from 'react';
import { CLOSE_SCALE, contain, type Point, toTransform, WHOLE, type Zoom, zoomAt } from './zoom';

const SWIPE_PX = 60;
const SWIPE_DOWN_PX = 90;
const DOUBLE_TAP_MS = 300;
const TAP_MOVE_PX = 12;
const WHEEL_SPEED = 0.002;
const KEY_FACTOR = 1.5;
const KEY_PAN_PX = 80;

type Options = {
  /** Whether there is something to magnify. */
  canZoom: boolean;
  /** @param step 1 for the next, -1 for the previous */
  onSwipe(step: number): void;
  /** After a swipe downwards that does not scroll. */
  onSwipeDown?: (() => void) | undefined;
};

export type Gestures = {
  isZoomed: boolean;
  zoomIn(): void;
  zoomOut(): void;
  reset(): void;
  /** @returns false if the picture is whole */
  pan(x: number, y: number): boolean;
};

/** @param frame receives the gestures @param content is moved */
export function useGestures(
  frame: RefObject<HTMLElement | null>,
  content: RefObject<HTMLElement | null>,
  { canZoom, onSwipe, onSwipeDown }: Options,
): Gestures {
  const zoom = useRef<Zoom>(WHOLE);
  const [isZoomed, setIsZoomed] = useState(false);
  const size = (): Point => ({ x: frame.current?.clientWidth ?? 0, y: frame.current?.clientHeight ?? 0 });

  // Written to the element: a picture under a finger does not wait for React.
  function apply(next: Zoom, isLive = false) {
    zoom.current = contain(next, size());
    setIsZoomed(zoom.current.scale > 1);
    const element = content.current;
    if (!element) return;
    element.dataset.live = String(isLive);
    element.style.transform = toTransform(zoom.current);
  }
  const slide = (x: number, y = 0) => {
    const element = content.current;
    if (!element) return;
    const isMoved = x !== 0 || y !== 0;
    element.dataset.live = String(isMoved);
    element.style.transform = isMoved ? `translate(${x}px, ${y}px)` : '';
  };
  /** Whether a finger that moved so far pulls the picture down, in place of scrolling. */
  const isPull = (x: number, y: number): boolean =>
    onSwipeDown !== undefined &&
    zoom.current.scale === 1 &&
    !hadTwo.current &&
    y > 2 * Math.abs(x) &&
    (frame.current?.closest('[role="dialog"]')?.scrollTop ?? 0) <= 0;
  const fromMiddle = (x: number, y: number): Point => {
    const box = frame.current?.getBoundingClientRect();
    return box ? { x: x - box.left - box.width / 2, y: y - box.top - box.height / 2 } : { x: 0, y: 0 };
  };

  const pointers = useRef(new Map<number, Point>());
  const start = useRef<Point>(undefined);
  const hadTwo = useRef(false);
  const lastTap = useRef({ time: 0, x: 0, y: 0 });

  const onDown = useEffectEvent((event: PointerEvent) => {
    if (event.button !== 0 || (event.target as Element).closest('button, a, video, audio')) return;
    pointers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (pointers.current.size === 1) {
      start.current = { x: event.clientX, y: event.clientY };
      hadTwo.current = false;
    } else hadTwo.current = true;
    if (event.pointerType === 'mouse' && canZoom) frame.current?.setPointerCapture(event.pointerId);
  });
  const onMove = useEffectEvent((event: PointerEvent) => {
    const before = pointers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
    pointers.current.set(event.pointerId, now);
    if (other && canZoom) {
      const distance = (point: Point) => Math.hypot(point.x - other.x, point.y - other.y);
      const middle = fromMiddle((now.x + other.x) / 2, (now.y + other.y) / 2);
      apply(zoomAt(zoom.current, distance(now) / Math.max(1, distance(before)), middle), true);
    } else if (zoom.current.scale > 1) {
      const { scale, x, y } = zoom.current;
      apply({ scale, x: x + now.x - before.x, y: y + now.y - before.y }, true);
    } else if (event.pointerType !== 'mouse' && start.current && !hadTwo.current) {
      const [x, y] = [now.x - start.current.x, now.y - start.current.y];
      if (isPull(x, y)) slide(0, y);
      else slide(x);
    }
  });
  const onUp = useEffectEvent((event: PointerEvent) => {
    const began = start.current;
    if (!pointers.current.delete(event.pointerId) || pointers.current.size > 0 || !began) return;
    start.current = undefined;
    const moved = { x: event.clientX - began.x, y: event.clientY - began.y };
    if (zoom.current.scale === 1) {
      slide(0);
      const isFinger = event.type === 'pointerup' && event.pointerType !== 'mouse' && !hadTwo.current;
      if (isFinger && moved.y > SWIPE_DOWN_PX && isPull(moved.x, moved.y)) return onSwipeDown?.();
      const isSwipe = Math.abs(moved.x) > SWIPE_PX && Math.abs(moved.x) > Math.abs(moved.y);
      if (isSwipe && isFinger) return onSwipe(moved.x < 0 ? 1 : -1);
    }
    if (canZoom && Math.hypot(moved.x, moved.y) < TAP_MOVE_PX && !hadTwo.current) tap(event);
  });
  const tap = ({ timeStamp: time, clientX: x, clientY: y }: PointerEvent) => {
    const last = lastTap.current;
    const isDouble = time - last.time < DOUBLE_TAP_MS && Math.hypot(x - last.x, y - last.y) < 3 * TAP_MOVE_PX;
    lastTap.current = isDouble ? { time: 0, x, y } : { time, x, y };
    if (isDouble) apply(zoom.current.scale > 1 ? WHOLE : zoomAt(zoom.current, CLOSE_SCALE, fromMiddle(x, y)));
  };
  // Else the browser takes the finger for its own: it would scroll, or load the page again.
  const onTouchMove = useEffectEvent((event: TouchEvent) => {
    const [touch, other] = event.touches;
    if (!touch || other || !start.current || !event.cancelable) return;
    if (isPull(touch.clientX - start.current.x, touch.clientY - start.current.y)) event.preventDefault();
  });
  const onWheel = useEffectEvent((event: WheelEvent) => {
    if (!canZoom) return;
    event.preventDefault();
    apply(zoomAt(zoom.current, Math.exp(-event.deltaY * WHEEL_SPEED), fromMiddle(event.clientX, event.clientY)), true);
  });

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const abort = new AbortController();
    const { signal } = abort;
    element.addEventListener('pointerdown', (event) => onDown(event), { signal });
    window.addEventListener('pointermove', (event) => onMove(event), { signal });
    window.addEventListener('pointerup', (event) => onUp(event), { signal });
    window.addEventListener('pointercancel', (event) => onUp(event), { signal });
    element.addEventListener('touchmove', (event) => onTouchMove(event), { signal, passive: false });
    element.addEventListener('wheel', (event) => onWheel(event), { signal, passive: false });
    return () => abort.abort();
  }, [frame]);

  return {
    isZoomed,
    zoomIn: () => canZoom && apply(zoomAt(zoom.current, KEY_FACTOR, { x: 0, y: 0 })),
    zoomOut: () => apply(zoomAt(zoom.current, 1 / KEY_FACTOR, { x: 0, y: 0 })),
    reset: () => apply(WHOLE),
    pan(x, y) {
      const old = zoom.current;
      if (old.scale === 1) return false;
      apply({ scale: old.scale, x: old.x - x * KEY_PAN_PX, y: old.y - y * KEY_PAN_PX });
      return true;
    },
  };
}
