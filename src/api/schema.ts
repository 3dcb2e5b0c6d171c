/** The schema, built from the resolvers. `npm run schema` writes it down. */
import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { ApiKeysResolver } from '../accounts/api/api-keys-resolver.js';
import { SessionsResolver } from '../accounts/api/sessions-resolver.js';
import { AccountsResolver } from '../accounts/api/sign-in-resolver.js';
import { UsersResolver } from '../accounts/api/users-resolver.js';
import { BackendsResolver, ModelsResolver } from '../backends/resolver.js';
import { GenerationConnectionFields, GenerationFields, ImageFields, ResultFields } from '../generations/api/fields.js';
import { GenerationsResolver } from '../generations/api/resolver.js';
import { GenerationSubscriptions } from '../generations/api/subscriptions.js';
import { DateTime } from '../graphql/scalars.js';
import { WorkflowsResolver } from '../workflows/resolver.js';
import { NodeResolver } from './node-resolver.js';

/** Of the root types, which no class stands for. */
const DESCRIPTIONS = {
  Query:
    'What can be asked. A field that can be refused is nullable, so that one refusal never hides the answer of another.',
  Mutation: 'What can be done.',
  Subscription: 'What can be watched, over WebSocket at /graphql or server-sent events at /graphql/stream.',
};

export async function createSchema(): Promise<GraphQLSchema> {
  const schema = await buildSchema({
    resolvers: [
      AccountsResolver,
      ApiKeysResolver,
      SessionsResolver,
      UsersResolver,
      NodeResolver,
      GenerationsResolver,
      ModelsResolver,
      WorkflowsResolver,
      BackendsResolver,
      GenerationSubscriptions,
      GenerationFields,
      ResultFields,
      ImageFields,
      GenerationConnectionFields,
    ],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Inputs are judged where they are used, with errors that name them.
    validate: false,
    // Asked for although every subscription brings its own stream.
    pubSub: { publish: () => {}, subscribe: () => neverUsed() },
  });
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const root = schema.getType(name);
    if (root) root.description = description;
  }
  return schema;
}

function neverUsed(): never {
  throw new Error('Every subscription brings a stream of its own');
}
