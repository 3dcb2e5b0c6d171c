/** Makes generations again: with the same settings, and with the same seed or a new one. */
import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import { say } from '../../ui/toast';
import { CARD } from '../fragments';
import { randomSeed } from '../random-seed';

const RETRY = graphql(
  `
    mutation Retry($id: ID!, $seed: Seed) {
      retryGeneration(id: $id, seed: $seed) { ...Card }
    }
  `,
  [CARD],
);

type Options = {
  /** Whether a new seed makes another result. */
  isOther?: boolean;
};

export function useRetry(): (id: string, options?: Options) => Promise<void> {
  const { t } = useTranslation('generation');
  const client = useClient();
  const sayProblem = useSayProblem();
  return useCallback(
    async (id, { isOther = false } = {}) => {
      const { error } = await client.mutation(RETRY, isOther ? { id, seed: randomSeed() } : { id });
      if (error) sayProblem(problemOf(error));
      else say(t('created', { count: 1 }));
    },
    [client, sayProblem, t],
  );
}
