/**
 * The plan of an operation: which fields each selection set has on each object type, and how their values are completed. graphql-js finds
 * this out anew for every object, although it depends only on the schema, the document, and the variables of `@skip` and `@include`. A plan
 * consists of objects and functions, never of generated code: names and texts of a document stay data.
 */
import { type FieldNode, type GraphQLField, type GraphQLObjectType, isNonNullType, isRequiredArgument } from 'graphql';
import { collectFields, collectSubfields } from 'graphql/execution/collectFields.js';
import { type ExecutionContext, getFieldDef } from 'graphql/execution/execute.js';
import { getArgumentValues } from 'graphql/execution/values.js';
import { type Complete, completionOf } from './complete.js';

/** One execution, with its values and errors, as graphql-js creates it. */
export type Run = ExecutionContext;

/** A field of a selection set on one object type. */
export class PlannedField {
  /** The arguments, where none is given. */
  readonly defaults: Record<string, unknown> | undefined;
  readonly isNonNull: boolean;
  readonly complete: Complete;
  readonly #selections = new Map<GraphQLObjectType, Selection>();

  constructor(
    /** The key in the response. */
    readonly key: string,
    /** Every occurrence of the key in the selection set. */
    readonly nodes: readonly [FieldNode, ...FieldNode[]],
    readonly parentType: GraphQLObjectType,
    readonly definition: GraphQLField<unknown, unknown>,
  ) {
    const isDefault = nodes[0].arguments?.length === 0 && !definition.args.some(isRequiredArgument);
    this.defaults = isDefault ? getArgumentValues(definition, nodes[0]) : undefined;
    this.isNonNull = isNonNullType(definition.type);
    this.complete = completionOf(definition.type, this);
  }

  /** @throws GraphQLError for a directive whose variable is null */
  selectionOn(type: GraphQLObjectType, run: Run): Selection {
    const known = this.#selections.get(type);
    if (known) return known;
    const { schema, fragments, variableValues } = run;
    const selection = new Selection(type, collectSubfields(schema, fragments, variableValues, type, this.nodes), run);
    this.#selections.set(type, selection);
    return selection;
  }
}

/** The fields of a selection set on one object type. */
export class Selection {
  readonly fields: readonly PlannedField[];
  /** Assigning this key to an ordinary object would set its prototype. */
  readonly #hasPrototypeKey: boolean;

  constructor(
    readonly type: GraphQLObjectType,
    collected: ReadonlyMap<string, readonly FieldNode[]>,
    { schema }: Run,
  ) {
    this.fields = [...collected].flatMap(([key, [first, ...others]]) => {
      const definition = first && getFieldDef(schema, type, first);
      return definition ? [new PlannedField(key, [first, ...others], type, definition)] : [];
    });
    this.#hasPrototypeKey = collected.has('__proto__');
  }

  /** @returns an empty object for the values; V8 handles ordinary objects faster than those without a prototype */
  createData(): Record<string, unknown> {
    return this.#hasPrototypeKey ? Object.create(null) : {};
  }
}

/** @throws GraphQLError for a directive whose variable is null */
export function planRoot(type: GraphQLObjectType, run: Run): Selection {
  const { schema, fragments, variableValues, operation } = run;
  return new Selection(type, collectFields(schema, fragments, variableValues, type, operation.selectionSet), run);
}
