/** The commands that cancel or delete many generations. Each id has its own outcome; how many there are does not change the number of statements. */
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../../accounts/viewer.js';
import { badUserInput, notFound, Refusal } from '../../graphql/errors.js';
import { type GenerationRow, readGenerations } from '../generation-rows.js';
import { requireOwn } from '../ownership.js';
import { type CommandReport, changed } from '../report-change.js';
import { isFinal } from '../status.js';
import { markDeleted, requestCancel } from '../transitions.js';
import type { Cleaners } from '../upkeep/clear-generation.js';

/** As many as a page shows. */
export const MAX_IDS = 100;

/** Without an error, the command has done its work. */
export type Outcome = {
  /** As the client wrote it. */
  generationId: string;
  /** Null if it is deleted, and with an error. */
  generation: GenerationRow | null;
  /** Not the Refusal itself: as the value of a field, an Error would fail it. */
  error: Pick<Refusal, 'code' | 'message'> | null;
};

type Services = CommandReport & { em: SqlEntityManager };
/** By the id in small letters. */
type Rows = Map<string, GenerationRow>;

/**
 * Final generations stay as they are. The outcomes have the order of the ids; an id that is given twice has the same outcome twice.
 * @throws BAD_USER_INPUT for too many ids
 */
export async function cancelGenerations(
  viewer: Viewer,
  ids: readonly string[],
  services: Services,
): Promise<Outcome[]> {
  const rows = await readAll(ids, services);
  const unfinished = [...rows.values()].filter(({ status }) => !isFinal(status));
  const canceled = await requestCancel(services.em, ownIds(viewer, unfinished));
  for (const moved of canceled) changed(moved, 'stopping', services);
  const now = canceled.length > 0 ? await readAll(ids, services) : rows;
  return ids.map((id) => outcomeOf(id, () => requireOwn(now.get(id.toLowerCase()), viewer)));
}

/**
 * Stops those that run. Their files are removed afterwards, and no URL of them works from now on. The outcomes are as of `cancelGenerations`.
 * @throws BAD_USER_INPUT for too many ids
 */
export async function deleteGenerations(
  viewer: Viewer,
  ids: readonly string[],
  services: Services & Cleaners,
): Promise<Outcome[]> {
  const rows = await readAll(ids, services);
  const moved = await markDeleted(services.em, ownIds(viewer, rows.values()));
  const deleted = new Set(moved.map(({ id }) => id));
  for (const each of moved) changed(each, 'stopping', services);
  if (deleted.size > 0) {
    services.cleaner.sweep();
    services.historyCleaner.sweep();
  }
  return ids.map((id) =>
    outcomeOf(id, () => {
      const row = requireOwn(rows.get(id.toLowerCase()), viewer);
      // A concurrent request may have deleted it first.
      if (!deleted.has(row.id)) throw notFound('generation');
      return null;
    }),
  );
}

async function readAll(ids: readonly string[], { em }: Services): Promise<Rows> {
  if (ids.length > MAX_IDS) throw badUserInput(`ids has ${ids.length} entries; the limit is ${MAX_IDS}`, 'ids');
  const rows = await readGenerations(em, [...new Set(ids.filter((id) => isUuid(id)))]);
  return new Map(rows.filter(({ deletedAt }) => deletedAt === null).map((row) => [row.id, row]));
}

const ownIds = (viewer: Viewer, rows: Iterable<GenerationRow>): string[] =>
  [...rows].filter(({ userId }) => userId === viewer.id).map(({ id }) => id);

function outcomeOf(generationId: string, find: () => GenerationRow | null): Outcome {
  try {
    return { generationId, generation: find(), error: null };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { code, message } = error;
    return { generationId, generation: null, error: { code, message } };
  }
}
