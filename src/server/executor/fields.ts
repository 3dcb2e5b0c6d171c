/** Executes the fields of a selection set as section 6.4 of the GraphQL specification says. */
import { type FieldNode, type GraphQLResolveInfo, locatedError } from 'graphql';
import { buildResolveInfo } from 'graphql/execution/execute.js';
import { getArgumentValues } from 'graphql/execution/values.js';
import { isPromise } from 'graphql/jsutils/isPromise.js';
import { addPath, type Path, pathToArray } from 'graphql/jsutils/Path.js';
import type { Complete } from './complete.js';
import type { PlannedField, Run, Selection } from './plan.js';

type Data = Record<string, unknown>;

/** Where a value and its error belong: a field, or an item of a list. */
export type Position = { nodes: readonly FieldNode[]; isNonNull: boolean; complete: Complete };

/** All fields at once. @returns the data, or a promise of them; throws the error of a field that must not be null */
export function executeFields(run: Run, selection: Selection, source: unknown, path: Path | undefined): unknown {
  const data = selection.createData();
  const pending: string[] = [];
  try {
    for (const field of selection.fields) {
      const value = executeField(run, field, source, addPath(path, field.key, selection.type.name));
      data[field.key] = value;
      if (isPromise(value)) pending.push(field.key);
    }
  } catch (error) {
    if (pending.length === 0) throw error;
    return settled(data, pending).finally(() => {
      throw error;
    });
  }
  return pending.length === 0 ? data : settled(data, pending);
}

/** One field after the other. @throws the error of a field that must not be null */
export async function executeSerially(run: Run, selection: Selection, source: unknown): Promise<Data> {
  const data = selection.createData();
  for (const field of selection.fields)
    data[field.key] = await executeField(run, field, source, addPath(undefined, field.key, selection.type.name));
  return data;
}

/** Puts values in the places of their promises. */
async function settled(data: Data, pending: readonly string[]): Promise<Data> {
  const values = await Promise.all(pending.map((key) => data[key]));
  for (const [index, key] of pending.entries()) data[key] = values[index];
  return data;
}

function executeField(run: Run, field: PlannedField, source: unknown, path: Path): unknown {
  let value: unknown;
  try {
    value = resolve(run, field, source, path);
  } catch (error) {
    return fail(run, field, error, path);
  }
  return settle(run, field, value, path);
}

function resolve(run: Run, field: PlannedField, source: unknown, path: Path): unknown {
  const { definition } = field;
  // Most fields are a property of their source, and their resolver needs no information about the execution.
  if (!definition.resolve && definition.args.length === 0 && typeof source === 'object' && source !== null) {
    const value = (source as Data)[definition.name];
    if (typeof value !== 'function') return value;
  }
  const resolver = definition.resolve ?? run.fieldResolver;
  return resolver(source, argumentsOf(run, field), run.contextValue, infoOf(run, field, path));
}

function argumentsOf({ variableValues }: Run, { definition, nodes: [node], defaults }: PlannedField): Data {
  return defaults ? { ...defaults } : getArgumentValues(definition, node, variableValues);
}

export const infoOf = (run: Run, { definition, nodes, parentType }: PlannedField, path: Path): GraphQLResolveInfo =>
  buildResolveInfo(run, definition, nodes, parentType, path);

/** Completes what was resolved. @returns null where an error may be null, or a promise; throws the located error elsewhere */
export function settle(run: Run, position: Position, value: unknown, path: Path): unknown {
  try {
    const completed = isPromise(value)
      ? value.then((resolved) => position.complete(run, resolved, path))
      : position.complete(run, value, path);
    return isPromise(completed) ? completed.then(undefined, (error) => fail(run, position, error, path)) : completed;
  } catch (error) {
    return fail(run, position, error, path);
  }
}

function fail(run: Run, { nodes, isNonNull }: Position, error: unknown, path: Path): null {
  const located = locatedError(error, nodes, pathToArray(path));
  if (isNonNull) throw located;
  run.collectedErrors.add(located, path);
  return null;
}
