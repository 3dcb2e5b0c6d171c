/** The requests of the Standard Webhooks scheme: https://www.standardwebhooks.com. */
import { randomBytes } from 'node:crypto';
import { Webhook as Signer } from 'standardwebhooks';
import type { ClaimedDelivery } from '../claims.js';

const SECRET_BYTES = 32;

export const generateSecret = (): string => `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;

export type Message = { headers: Record<string, string>; body: string };

/** The body is the same in every attempt. Without a secret it is not signed. */
export function toMessage({ id, event, data, createdAt, secret }: ClaimedDelivery): Message {
  const type = event.toLowerCase().replace('_', '.');
  const body = JSON.stringify({ type, timestamp: new Date(createdAt).toISOString(), data });
  const sentAt = new Date();
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'ComfyGraph',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    ...(secret !== null && { 'webhook-signature': new Signer(secret).sign(id, sentAt, body) }),
  };
  return { headers, body };
}
