/** For data that has no live changes. */
import { useEffect, useEffectEvent, useState } from 'react';
import { type AnyVariables, type UseQueryArgs, useQuery } from 'urql';
import { type Problem, problemOf } from '../../api/errors';

type Polled<Data> = { data: Data | undefined; problem: Problem | undefined };

/**
 * Reads a query again and again while the page is visible. A read that fails leaves the data of the one before.
 * @param interval in milliseconds; undefined to pause
 */
export function usePolled<Data, Variables extends AnyVariables>(
  query: UseQueryArgs<Variables, Data>,
  interval: number | undefined,
): Polled<Data> {
  const [{ data, error }, read] = useQuery(query);
  const [last, setLast] = useState<Data>();
  if (data && !error && data !== last) setLast(data);
  const onTime = useEffectEvent(() => {
    if (document.visibilityState === 'visible') read({ requestPolicy: 'network-only' });
  });
  useEffect(() => {
    if (interval === undefined) return undefined;
    const timer = setInterval(() => onTime(), interval);
    return () => clearInterval(timer);
  }, [interval]);
  return { data: last, problem: problemOf(error) };
}
