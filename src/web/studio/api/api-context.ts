/** The API of the signed-in user, for the parts of the studio. */
import { createContext, use, useEffect, useEffectEvent } from 'react';
import type { Api } from './client';
import type { Change } from './live';

export const ApiContext = createContext<Api | undefined>(undefined);

export function useApi(): Api {
  const api = use(ApiContext);
  if (!api) throw new Error('Only the studio of a signed-in user has an API');
  return api;
}

/** Calls `listener` after each live change, while the component is shown. */
export function useChanges(listener: (change: Change) => void): void {
  const api = useApi();
  const onChange = useEffectEvent(listener);
  useEffect(() => api.onChange((change) => onChange(change)), [api]);
}

/** Calls `listener` when lists may miss changes and must be read again, while the component is shown. */
export function useGaps(listener: () => void): void {
  const api = useApi();
  const onGap = useEffectEvent(listener);
  useEffect(() => api.onGap(() => onGap()), [api]);
}
