/** The schema, built from the resolvers. `npm run schema` writes it to schema.graphql. */
import 'reflect-metadata';
import type { GraphQLSchema } from 'graphql';
import { buildSchema } from 'type-graphql';
import { ApiKeysResolver } from '../accounts/api/api-keys-resolver.js';
import { SessionsResolver } from '../accounts/api/sessions-resolver.js';
import { AccountsResolver } from '../accounts/api/sign-in-resolver.js';
import { UsersResolver } from '../accounts/api/users-resolver.js';
import { FileFields, ImageFields } from '../assets/file-fields.js';
import { SharesResolver } from '../assets/shares/shares-resolver.js';
import { UploadsResolver } from '../assets/uploads/uploads-resolver.js';
import { BackendsResolver, ModelsResolver } from '../backends/resolver.js';
import { WebhooksResolver } from '../deliveries/api/resolver.js';
import { GenerationConnectionFields, GenerationFields, ResultFields } from '../generations/api/fields.js';
import { GenerationsResolver } from '../generations/api/resolver.js';
import { GenerationSubscriptions } from '../generations/api/subscriptions.js';
import { BulkResolver } from '../generations/bulk/resolver.js';
import { SharingResolver } from '../generations/sharing/resolver.js';
import { StorageResolver } from '../generations/upkeep/storage-usage.js';
import { DateTime } from '../graphql/scalars.js';
import { QueueResolver } from '../runner/queue.js';
import { WorkflowsResolver } from '../workflows/api/resolver.js';
import { simplifyFieldResolvers } from './field-resolvers.js';
import { ImportResolver } from './import-resolver.js';
import { NodeResolver } from './node-resolver.js';

/** Descriptions of the root types, which have no class. */
const DESCRIPTIONS = {
  Query: 'Reads. A field that can fail is nullable, so that one error never hides the data of another field.',
  Mutation: 'Writes.',
  Subscription: 'Live updates, over WebSocket at /graphql or server-sent events at /graphql/stream.',
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
      BulkResolver,
      SharingResolver,
      SharesResolver,
      StorageResolver,
      ModelsResolver,
      WorkflowsResolver,
      ImportResolver,
      BackendsResolver,
      QueueResolver,
      UploadsResolver,
      WebhooksResolver,
      GenerationSubscriptions,
      GenerationFields,
      ResultFields,
      ImageFields,
      FileFields,
      GenerationConnectionFields,
    ],
    scalarsMap: [{ type: Date, scalar: DateTime }],
    // Commands validate their inputs, with errors that name the field.
    validate: false,
    // type-graphql requires it, although every subscription has its own source.
    pubSub: { publish: () => {}, subscribe: () => failUnused() },
  });
  simplifyFieldResolvers(schema);
  for (const [name, description] of Object.entries(DESCRIPTIONS)) {
    const root = schema.getType(name);
    if (root) root.description = description;
  }
  return schema;
}

function failUnused(): never {
  throw new Error('Every subscription has its own source');
}
