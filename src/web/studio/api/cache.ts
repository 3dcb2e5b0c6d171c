/** The normalized cache: one copy of each generation, which answers, mutations and live changes all write. */
import { type Cache, cacheExchange, type UpdateResolver } from '@urql/exchange-graphcache';
import type { Exchange } from 'urql';
import { addToLists, removeFromLists } from './lists';

/** Types without an id: the cache keeps them inside their parents. */
const EMBEDDED = [
  'Progress',
  'Failure',
  'Share',
  'Text',
  'StorageUsage',
  'WorkflowInput',
  'WorkflowOutput',
  'WorkflowDraft',
  'WorkflowDraftInput',
  'WorkflowProblem',
  'NodePlace',
  'MissingPart',
  'GenerationOutcome',
  'OutcomeError',
  'GenerationConnection',
  'GenerationEdge',
  'GenerationChange',
  'DeliveryConnection',
  'DeliveryEdge',
  'UserConnection',
  'UserEdge',
  'PageInfo',
  'Session',
  'CreatedApiKey',
  'CreatedWebhook',
  'SharedGeneration',
];

const keyOf = (cache: Cache, id: unknown): string | null =>
  cache.keyOfEntity({ __typename: 'Generation', id: String(id) });

const removed: UpdateResolver = (_, { id }, cache) => {
  removeFromLists(cache, keyOf(cache, id));
};

/** After a change of a list that is short and rarely changes: reads it again. */
const reread =
  (...fields: string[]): UpdateResolver =>
  (_, __, cache) => {
    for (const { fieldName, arguments: args } of cache.inspectFields('Query'))
      if (fields.includes(fieldName)) cache.invalidate('Query', fieldName, args);
  };

export const cache: Exchange = cacheExchange({
  keys: Object.fromEntries(EMBEDDED.map((type) => [type, () => null])),
  resolvers: {
    Query: {
      generation: (_, { id }) => ({ __typename: 'Generation', id: String(id) }),
    },
  },
  updates: {
    Mutation: {
      createGeneration(result, _, cache) {
        addToLists(cache, result.createGeneration);
      },
      retryGeneration(result, _, cache) {
        addToLists(cache, result.retryGeneration);
      },
      deleteGeneration: removed,
      deleteGenerations(result, _, cache) {
        const outcomes = result.deleteGenerations as { generationId: string; error: unknown }[] | null;
        for (const { generationId, error } of outcomes ?? [])
          if (!error) removeFromLists(cache, keyOf(cache, generationId));
      },
      createApiKey: reread('apiKeys'),
      deleteApiKey: reread('apiKeys'),
      endSession: reread('sessions'),
      changePassword: reread('sessions'),
      createWebhook: reread('webhooks'),
      deleteWebhook: reread('webhooks'),
      createUser: reread('users'),
      saveWorkflow: reread('workflows', 'workflow'),
      deleteWorkflow: reread('workflows', 'workflow'),
      shareWorkflow: reread('workflows', 'workflow'),
    },
    Subscription: {
      generationsUpdated(result, _, cache) {
        const { kind, generationId, generation } = result.generationsUpdated as {
          kind: string;
          generationId: string | null;
          generation: object | null;
        };
        if (kind === 'DELETED') removeFromLists(cache, keyOf(cache, generationId));
        else if (generation) addToLists(cache, generation);
      },
    },
  },
});
