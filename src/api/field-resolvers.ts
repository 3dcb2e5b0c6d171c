/**
 * Takes type-graphql's work out of the fields of object types. For each value it builds a middleware chain, sorts the parameters, and waits
 * for the validation of every argument; we have no middleware on fields, and commands validate. Queries and mutations, which run once per
 * operation, keep its resolvers; the field of a subscription runs for each event.
 */
import {
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { getMetadataStorage } from 'type-graphql';
import type { Context } from './context.js';

type Method = Pick<ReturnType<typeof getMetadataStorage>['fieldResolvers'][number], 'target' | 'methodName' | 'params'>;
type Resolver = GraphQLFieldResolver<unknown, Context>;

export function simplifyFieldResolvers(schema: GraphQLSchema): void {
  const { objectTypes, fieldResolvers, subscriptions } = getMetadataStorage();
  for (const { name, target } of objectTypes) {
    const type = schema.getType(name);
    if (!isObjectType(type)) continue;
    const methods = new Map(
      fieldResolvers.filter(({ getObjectType }) => getObjectType?.() === target).map((each) => [each.schemaName, each]),
    );
    for (const field of Object.values(type.getFields())) {
      const method = methods.get(field.name);
      // A property of its source needs no resolver.
      if (!method) delete field.resolve;
      else if (method.kind === 'external' && takesLeaves(field)) field.resolve = callMethod(method);
    }
  }
  for (const field of Object.values(schema.getSubscriptionType()?.getFields() ?? {})) {
    const method = subscriptions.find(({ schemaName }) => schemaName === field.name);
    if (method && takesLeaves(field)) field.resolve = callMethod(method);
  }
}

const takesLeaves = ({ args }: GraphQLField<unknown, unknown>): boolean =>
  args.every(({ type }) => isLeafType(getNamedType(type)));

/** @returns the method as a resolver; its arguments have no fields, so that they need no instance of a class */
function callMethod({ target, methodName, params = [] }: Method): Resolver {
  const instance = new (target as new () => Record<string, (...values: unknown[]) => unknown>)();
  const method = instance[methodName];
  const read = [...params].sort((a, b) => a.index - b.index).map(parameterOf);
  return (source, args, context, info) =>
    method?.call(instance, ...read.map((each) => each(source, args, context, info)));
}

function parameterOf(parameter: NonNullable<Method['params']>[number]): Resolver {
  switch (parameter.kind) {
    case 'root':
      return (source) => source;
    case 'context':
      return (_, __, context) => context;
    case 'arg': {
      const { name } = parameter;
      return (_, args) => args[name];
    }
    default:
      throw new Error(`A field's method cannot take a parameter of the kind ${parameter.kind}`);
  }
}
