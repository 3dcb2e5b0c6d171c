/** The commands that share a generation by a public link, and take the link back. */
import { randomUUID } from 'node:crypto';
import type { SqlEntityManager } from '@mikro-orm/postgresql';
import type { Viewer } from '../../accounts/viewer.js';
import { saveShare } from '../../assets/shares/share-rows.js';
import { badUserInput, conflict } from '../../graphql/errors.js';
import type { GenerationRow } from '../generation-rows.js';
import { requireOwnGeneration } from '../ownership.js';
import { changed, type MoveReport } from '../report-change.js';

const DEFAULT_MS = 30 * 86_400_000;
const CHANGED = 'revision = revision + 1, updated_at = now()';

type Services = MoveReport & { em: SqlEntityManager };

/**
 * Sharing again keeps the token, and sets the expiry.
 * @param expiresAt undefined for 30 days from now; null for a link that does not expire
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT unless it is COMPLETED, BAD_USER_INPUT for an expiry in the past
 */
export async function shareGeneration(
  viewer: Viewer,
  id: string,
  expiresAt: Date | null | undefined,
  services: Services,
): Promise<GenerationRow> {
  const expiry = expiresAt === undefined ? new Date(Date.now() + DEFAULT_MS) : expiresAt;
  if (expiry && (expiry <= new Date() || expiry.getUTCFullYear() > 9999))
    throw badUserInput('expiresAt must be in the future, and before the year 10000', 'expiresAt');
  const generation = await requireOwnGeneration(services.em, viewer, id);
  const [shared] = await services.em.execute<object[]>(
    `with g as (update generations set ${CHANGED} where id = ? and status = 'COMPLETED' and deleted_at is null returning id),
     share as (${saveShare('g')} returning id)
     select from share`,
    [generation.id, randomUUID(), expiry?.toISOString() ?? null],
  );
  if (!shared) throw conflict('Only a COMPLETED generation can be shared');
  changed(generation, 'moved', services);
  return await requireOwnGeneration(services.em, viewer, generation.id);
}

/**
 * The link does not work from now on, and a later one has another token. Returns a generation that is not shared unchanged.
 * @throws NOT_FOUND, FORBIDDEN
 */
export async function unshareGeneration(viewer: Viewer, id: string, services: Services): Promise<GenerationRow> {
  const generation = await requireOwnGeneration(services.em, viewer, id);
  const [ended] = await services.em.execute<object[]>(
    `with share as (delete from shares where generation_id = ? returning generation_id)
     update generations set ${CHANGED} from share where id = generation_id returning id`,
    [generation.id],
  );
  if (!ended) return generation;
  changed(generation, 'moved', services);
  return await requireOwnGeneration(services.em, viewer, generation.id);
}
