/** The normalized cache: one copy of each generation, which answers, mutations and live changes all write. */
import { cacheExchange, type UpdateResolver } from '@urql/exchange-graphcache';
import type { Exchange } from 'urql';
import { placeInLists, removeFromLists } from './lists';
import type { Change, Placed } from './placed';

/** Types without an id: the cache keeps them inside their parents. */
const EMBEDDED = [
  'Progress',
  'Failure',
  'Share',
  'Text',
  'StorageUsage',
  'WorkflowInput',
  'WorkflowOutput',
  'WorkflowBinding',
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
  'QueueEntry',
  'Session',
  'CreatedApiKey',
  'CreatedWebhook',
  'SharedGeneration',
];

type Entry = { id: string } | null;

/** After a mutation that returns a generation. */
const changed: UpdateResolver = (result, _, cache, { fieldName }) => {
  const entry = result[fieldName] as Entry;
  if (entry) placeInLists(cache, entry.id);
};

/** After a change of a list that is short and rarely changes: reads it again. */
const reread =
  (...fields: string[]): UpdateResolver =>
  (_, __, cache) => {
    for (const { fieldName, arguments: args } of cache.inspectFields('Query'))
      if (fields.includes(fieldName)) cache.invalidate('Query', fieldName, args);
  };

export const createCache = (placed: Placed): Exchange =>
  cacheExchange({
    keys: Object.fromEntries(EMBEDDED.map((type) => [type, () => null])),
    resolvers: {
      Query: {
        generation: (_, { id }) => ({ __typename: 'Generation', id: String(id) }),
      },
    },
    optimistic: {
      favoriteGeneration: ({ id, isFavorite }, cache) => ({
        __typename: 'Generation',
        id: String(id),
        revision: cache.resolve({ __typename: 'Generation', id: String(id) }, 'revision') as number,
        isFavorite: Boolean(isFavorite),
      }),
    },
    updates: {
      Mutation: {
        createGeneration: changed,
        retryGeneration: changed,
        cancelGeneration: changed,
        favoriteGeneration: changed,
        deleteGeneration(result, { id }, cache) {
          if (result.deleteGeneration) removeFromLists(cache, id);
        },
        deleteGenerations(result, _, cache) {
          const outcomes = result.deleteGenerations as
            | { generationId: string; error: { code: string } | null }[]
            | null;
          for (const { generationId, error } of outcomes ?? [])
            if (!error || error.code === 'NOT_FOUND') removeFromLists(cache, generationId);
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
          const { kind, generationId, generation } = result.generationsUpdated as Change;
          if (kind === 'DELETED') removeFromLists(cache, generationId);
          else if (generation && !placed.has(generation)) {
            placeInLists(cache, generation.id);
            placed.add(generation);
          }
        },
      },
    },
  });
