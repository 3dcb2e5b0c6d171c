/** For data that has no live changes. */
import { useEffect, useEffectEvent } from 'react';

/** Calls `read` again and again while the page is visible. @param interval in milliseconds; undefined to pause */
export function usePolling(read: () => void, interval: number | undefined): void {
  const onTime = useEffectEvent(() => {
    if (document.visibilityState === 'visible') read();
  });
  useEffect(() => {
    if (interval === undefined) return undefined;
    const timer = setInterval(() => onTime(), interval);
    return () => clearInterval(timer);
  }, [interval]);
}
