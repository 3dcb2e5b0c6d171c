/** A finger that rests on something for half a second. */
import { type PointerEvent, type SyntheticEvent, useEffect, useEffectEvent, useMemo, useRef } from 'react';

const LONG_MS = 500;
const MAX_MOVE_PX = 10;

type Start = { x: number; y: number; timer: ReturnType<typeof setTimeout> };

/** @returns handlers for the element; after a long press neither a click nor a menu follows */
export function useLongPress(onLongPress: () => void) {
  const start = useRef<Start>(undefined);
  const hasFired = useRef(false);
  const fire = useEffectEvent(() => {
    hasFired.current = true;
    navigator.vibrate?.(10);
    onLongPress();
  });
  useEffect(() => () => clearTimeout(start.current?.timer), []);
  return useMemo(() => {
    const end = () => clearTimeout(start.current?.timer);
    const swallow = (event: SyntheticEvent) => {
      if (!hasFired.current) return;
      event.preventDefault();
      event.stopPropagation();
    };
    return {
      onPointerDown({ pointerType, clientX: x, clientY: y }: PointerEvent) {
        hasFired.current = false;
        if (pointerType !== 'mouse') start.current = { x, y, timer: setTimeout(() => fire(), LONG_MS) };
      },
      onPointerMove({ clientX, clientY }: PointerEvent) {
        const { x = clientX, y = clientY } = start.current ?? {};
        if (Math.hypot(clientX - x, clientY - y) > MAX_MOVE_PX) end();
      },
      onPointerUp: end,
      onPointerCancel: end,
      onClickCapture: swallow,
      onContextMenu(event: PointerEvent | SyntheticEvent) {
        if (hasFired.current || start.current) event.preventDefault();
      },
    };
  }, []);
}
