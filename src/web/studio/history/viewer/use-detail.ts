/** One generation with everything that is known of it, kept up to date by live changes. */
import { useQuery } from 'urql';
import { useGaps } from '../../api/api-context';
import { type Problem, problemOf } from '../../api/errors';
import { DETAIL, type Detail } from './detail';

type Found = { detail: Detail | undefined; problem: Problem | undefined; retry(): void };

export function useDetail(id: string): Found {
  const [{ data, error }, read] = useQuery({ query: DETAIL, variables: { id } });
  const retry = () => read({ requestPolicy: 'network-only' });
  useGaps(retry);
  // While another one is read, the last answer is still there.
  const detail = data?.generation?.id === id ? data.generation : undefined;
  return { detail, problem: detail ? undefined : problemOf(error), retry };
}
