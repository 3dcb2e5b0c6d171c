/**
 * Estimates the cost of an operation before it is executed: the number of values that its response may hold. A page counts as full, a
 * list with one entry for each of its `ids` as the longest, and any other list as LIST_SIZE entries. A field of a list entry that leads back to a type on its path counts REVISIT_FACTOR times: such a path can
 * go on without end, and shows nothing new. Outside of lists the limit of the depth is enough.
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

const LIST_SIZE = 5;
const REVISIT_FACTOR = 10;

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

/** Where in the response a selection set is. */
type Position = {
  type: GraphQLNamedType | null | undefined;
  /** The types on the path, this one included. */
  types: ReadonlySet<string>;
  /** How many objects may be at this position. */
  times: number;
  /** The page size, if this is a connection. */
  pageSize?: number;
};

/**
 * @param variables undefined for any values: every page that a variable sizes counts as the largest
 * @returns the cost, or the first value above `max`: with fragments a short document can have an enormous cost
 */
export function costOf(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  schema: GraphQLSchema,
  variables: Record<string, unknown> | undefined,
  max: number,
): number {
  let cost = 0;

  const addSet = (set: SelectionSetNode, position: Position): void => {
    for (const selection of set.selections) {
      if (cost > max) return;
      if (selection.kind === Kind.FIELD) {
        addField(selection, position);
        continue;
      }
      const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments.get(selection.name.value);
      const type = fragment?.typeCondition ? schema.getType(fragment.typeCondition.name.value) : position.type;
      if (fragment) addSet(fragment.selectionSet, { ...position, type, types: withType(position.types, type) });
    }
  };

  const addField = (node: FieldNode, position: Position): void => {
    const field = fieldOf(position.type, node.name.value);
    // `__typename`, and introspection, which has its own limits.
    if (!field || isIntrospection(node)) {
      cost += position.times;
      return;
    }
    const type = getNamedType(field.type);
    const isRevisit = position.times > 1 && position.types.has(type.name);
    const times = position.times * (isRevisit ? REVISIT_FACTOR : 1);
    cost += times * Number(field.extensions.complexity ?? 1);
    if (!node.selectionSet) return;
    const size = isListType(getNullableType(field.type)) ? (position.pageSize ?? listSizeOf(field)) : 1;
    const pageSize = pageSizeOf(field, node);
    addSet(node.selectionSet, {
      type,
      types: withType(position.types, type),
      times: times * size,
      ...(pageSize === undefined ? {} : { pageSize }),
    });
  };

  /** Clamps the size: the resolver rejects a size out of bounds. */
  const pageSizeOf = (field: GraphQLField<unknown, unknown>, node: FieldNode): number | undefined => {
    if (!field.args.some(({ name }) => name === 'first')) return undefined;
    const sizes = (node.arguments ?? [])
      .filter(({ name }) => name.value === 'first' || name.value === 'last')
      .map(({ value }) =>
        !variables && value.kind === Kind.VARIABLE
          ? MAX_PAGE_SIZE
          : Number(valueFromAST(value, GraphQLInt, variables) ?? 0),
      );
    return Math.min(Math.max(...sizes, 0) || DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE);
  };

  /** A mutation of many generations returns one entry for each id. */
  const listSizeOf = ({ args }: GraphQLField<unknown, unknown>): number =>
    args.some(({ name }) => name === 'ids') ? MAX_PAGE_SIZE : LIST_SIZE;

  const type = schema.getRootType(operation.operation);
  addSet(operation.selectionSet, { type, types: new Set(), times: 1 });
  return cost;
}

const fieldOf = (type: Position['type'], name: string): GraphQLField<unknown, unknown> | undefined =>
  isObjectType(type) || isInterfaceType(type) ? type.getFields()[name] : undefined;

/** Interfaces do not count: a path can return only to an object type. */
const withType = (types: ReadonlySet<string>, type: Position['type']): ReadonlySet<string> =>
  isObjectType(type) && !types.has(type.name) ? new Set([...types, type.name]) : types;
