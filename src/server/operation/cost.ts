/**
 * What an operation would cost, before it is executed: how many values its answer may hold. A page counts as full, another list as of
 * LISTED entries, and what leads from an entry back to a type that it came from counts by DETOUR: such a way has no end, and nothing new on
 * it. Where there is one of a kind, its depth is limit enough.
 */
import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  GraphQLInt,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '../../graphql/pagination.js';
import { isIntrospection } from './limit-rules.js';

const LISTED = 5;
const DETOUR = 10;

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Where in the answer a selection set is. */
type Place = {
  type: GraphQLNamedType | null | undefined;
  /** The types that lead to it, itself included. */
  types: ReadonlySet<string>;
  /** How many of it there may be. */
  times: number;
  /** Of a connection: the size of its page. */
  pageSize?: number;
};

/** @returns the cost, or one above `most` as soon as it is: fragments can make a short document a very long one */
export function costOf(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  schema: GraphQLSchema,
  variables: Record<string, unknown>,
  most: number,
): number {
  let cost = 0;

  const addSet = (set: SelectionSetNode, place: Place): void => {
    for (const selection of set.selections) {
      if (cost > most) return;
      if (selection.kind === Kind.FIELD) {
        addField(selection, place);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const type = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : place.type;
      if (fragment) addSet(fragment.selectionSet, { ...place, type, types: withType(place.types, type) });
    }
  };

  const addField = (node: FieldNode, place: Place): void => {
    const field = fieldOf(place.type, node.name.value);
    // The names of types, and the schema, which has limits of its own.
    if (!field || isIntrospection(node)) {
      cost += place.times;
      return;
    }
    const type = getNamedType(field.type);
    const isBack = place.times > 1 && place.types.has(type.name);
    const times = place.times * (isBack ? DETOUR : 1);
    cost += times * Number(field.extensions.complexity ?? 1);
    if (!node.selectionSet) return;
    const size = isListType(getNullableType(field.type)) ? (place.pageSize ?? LISTED) : 1;
    const pageSize = pageSizeOf(field, node);
    addSet(node.selectionSet, {
      type,
      types: withType(place.types, type),
      times: times * size,
      ...(pageSize === undefined ? {} : { pageSize }),
    });
  };

  /** Sizes out of bounds are refused where the page is read, in words of its own. */
  const pageSizeOf = (field: GraphQLField<unknown, unknown>, node: FieldNode): number | undefined => {
    if (!field.args.some(({ name }) => name === 'first')) return undefined;
    const sizes = (node.arguments ?? [])
      .filter(({ name }) => name.value === 'first' || name.value === 'last')
      .map(({ value }) => Number(valueFromAST(value, GraphQLInt, variables) ?? 0));
    return Math.min(Math.max(...sizes, 0) || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  };

  const type = schema.getRootType(operation.operation);
  addSet(operation.selectionSet, { type, types: new Set(), times: 1 });
  return cost;
}

const fieldOf = (type: Place['type'], name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

/** Interfaces lead back to nothing by themselves. */
const withType = (types: ReadonlySet<string>, type: Place['type']): ReadonlySet<string> =>
  isObjectType(type) && !types.has(type.name) ? new Set([...types, type.name]) : types;
