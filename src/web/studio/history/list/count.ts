/** How many generations a filter finds. */
import { useEffect, useEffectEvent, useRef } from 'react';
import { useQuery } from 'urql';
import { useChanges, useGaps } from '../../api/api-context';
import { type Filter, toVariables } from '../filters/filter';
import { COUNT } from './documents';

/** Changes come in bursts. */
const REREAD_DELAY_MS = 400;

/** @returns undefined until it is known */
export function useCount(filter: Filter): number | undefined {
  const [{ data }, read] = useQuery({ query: COUNT, variables: { filter: toVariables(filter).filter ?? {} } });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const reread = useEffectEvent(() => read({ requestPolicy: 'network-only' }));
  const soon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => reread(), REREAD_DELAY_MS);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useGaps(soon);
  useChanges(({ kind }) => {
    // Progress changes no count, but a new status may, where the filter asks for one.
    if (kind !== 'UPDATED' || filter.status || filter.favorites) soon();
  });
  return data?.generations?.totalCount;
}
