/** The command that sends a delivery once more. */
import { validate as isUuid } from 'uuid';
import type { Viewer } from '../accounts/viewer.js';
import { conflict, forbidden, notFound } from '../graphql/errors.js';
import type { DeliveriesContext } from './context.js';
import { DELIVERY_COLUMNS, type DeliveryRow, SELECT_DELIVERY } from './delivery.js';

/** It is due at once, with all of its attempts before it. */
const REDELIVER = `
  update deliveries d set state = 'PENDING', failures = 0, next_attempt_at = now(), delivered_at = null
  where id = ? and not exists (select from webhooks w where w.id = d.webhook_id and w.disabled_at is not null)
  returning ${DELIVERY_COLUMNS}`;

/** @throws RATE_LIMITED, NOT_FOUND, FORBIDDEN, CONFLICT for a disabled webhook */
export async function redeliver(
  viewer: Viewer,
  id: string,
  { em, rateLimits }: DeliveriesContext,
): Promise<DeliveryRow> {
  await rateLimits.take('webhook', viewer.id);
  const [delivery] = isUuid(id) ? await em.execute<DeliveryRow[]>(SELECT_DELIVERY, [id]) : [];
  if (!delivery) throw notFound('delivery');
  if (delivery.userId !== viewer.id) throw forbidden('This delivery belongs to another user');
  const [sent] = await em.execute<DeliveryRow[]>(REDELIVER, [id]);
  if (!sent) throw conflict('The webhook is disabled: delete it and create another');
  return sent;
}
