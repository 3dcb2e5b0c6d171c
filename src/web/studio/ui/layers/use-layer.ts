import { useEffect, useEffectEvent } from 'react';
import { openLayer } from './layers';

/**
 * Lets Back close something that is open over the page.
 *
 * @param onBack closes it; returns false if it stays open, for example to ask first
 */
export function useLayer(isOpen: boolean, onBack: () => unknown): void {
  const back = useEffectEvent(() => onBack() !== false);
  useEffect(() => (isOpen ? openLayer({ back: () => back() }) : undefined), [isOpen]);
}
