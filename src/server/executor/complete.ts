/** Completes values as section 6.4.3 of the GraphQL specification says: one function for each type of a planned field. */
import {
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLList,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { inspect } from 'graphql/jsutils/inspect.js';
import { isIterableObject } from 'graphql/jsutils/isIterableObject.js';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import { addPath, type Path } from 'graphql/jsutils/Path.js';
import { executeFields, infoOf, settle } from './fields.js';
import type { PlannedField, Run } from './plan.js';
import { runtimeTypeOf } from './runtime-type.js';

/** @returns the value for the response, or a promise of it; throws the error of a field */
export type Complete = (run: Run, value: unknown, path: Path) => unknown;

export function completionOf(type: GraphQLOutputType, field: PlannedField): Complete {
  if (isNonNullType(type)) return completeNonNull(completionOf(type.ofType, field), field);
  const complete = completionOfNullable(type, field);
  return (run, value, path) => {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : complete(run, value, path);
  };
}

function completionOfNullable(type: GraphQLOutputType, field: PlannedField): Complete {
  if (isListType(type)) return completeList(type, field);
  if (isLeafType(type)) return completeLeaf(type);
  if (isObjectType(type)) return completeObject(type, field);
  return completeAbstract(type as GraphQLAbstractType, field);
}

const nameOf = ({ parentType, definition }: PlannedField): string => `${parentType.name}.${definition.name}`;

const completeNonNull =
  (complete: Complete, field: PlannedField): Complete =>
  (run, value, path) => {
    const completed = complete(run, value, path);
    if (completed === null) throw new Error(`Cannot return null for non-nullable field ${nameOf(field)}.`);
    return completed;
  };

function completeList({ ofType }: GraphQLList<GraphQLOutputType>, field: PlannedField): Complete {
  const position = { nodes: field.nodes, isNonNull: isNonNullType(ofType), complete: completionOf(ofType, field) };
  return (run, value, path) => {
    if (!isIterableObject(value))
      throw new GraphQLError(`Expected Iterable, but did not find one for field "${nameOf(field)}".`);
    const items: unknown[] = [];
    let hasPromise = false;
    try {
      for (const item of value) {
        const completed = settle(run, position, item, addPath(path, items.length, undefined));
        items.push(completed);
        hasPromise ||= isPromise(completed);
      }
    } catch (error) {
      // Nobody waits for the other items any more: their errors must not end the process.
      if (hasPromise) void Promise.allSettled(items);
      throw error;
    }
    return hasPromise ? Promise.all(items) : items;
  };
}

const completeLeaf =
  (type: GraphQLLeafType): Complete =>
  (_, value) => {
    const serialized = type.serialize(value);
    if (serialized === null || serialized === undefined)
      throw new Error(
        `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to return non-nullable value, returned: ${inspect(serialized)}`,
      );
    return serialized;
  };

const completeObject =
  (type: GraphQLObjectType, field: PlannedField): Complete =>
  (run, value, path) => {
    const selection = field.selectionOn(type, run);
    if (!type.isTypeOf) return executeFields(run, selection, value, path);
    const executeIf = (isOfType: boolean) => {
      if (isOfType) return executeFields(run, selection, value, path);
      throw new GraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
        nodes: field.nodes,
      });
    };
    const isOfType = type.isTypeOf(value, run.contextValue, infoOf(run, field, path));
    return isPromise(isOfType) ? isOfType.then(executeIf) : executeIf(isOfType);
  };

function completeAbstract(type: GraphQLAbstractType, field: PlannedField): Complete {
  const completions = new Map<GraphQLObjectType, Complete>();
  return (run, value, path) => {
    const completeAs = (name: unknown) => {
      const runtimeType = runtimeTypeOf(name, type, field, value, run);
      const complete = completions.get(runtimeType) ?? completeObject(runtimeType, field);
      completions.set(runtimeType, complete);
      return complete(run, value, path);
    };
    const resolveType = type.resolveType ?? run.typeResolver;
    const name = resolveType(value, run.contextValue, infoOf(run, field, path), type);
    return isPromise(name) ? name.then(completeAs) : completeAs(name);
  };
}
