/** Webhooks as their owner uses them. */
import { dataOf } from '../generations/support.js';
import type { Client } from '../support/client.js';
import { until } from '../support/until.js';

/** Lets webhooks be sent to receivers of tests, without TLS. */
export const LOOPBACK = { WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' };
/** Retries of all ten attempts follow within milliseconds. */
export const QUICK = { deliveryIntervalMs: 20, deliveryPauseMs: 1, deliveryRetryDelayMs: 0.001 };

export const EVENTS = ['GENERATION_STARTED', 'GENERATION_COMPLETED', 'GENERATION_FAILED', 'GENERATION_CANCELED'];

const FIELDS = 'id event generationId state attempts responseStatus error nextAttemptAt createdAt deliveredAt';
export const CREATE = `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { secret webhook { id } } }`;
const LIST = `query ($first: Int, $after: String) { webhooks {
  id url events disabledAt deliveries(first: $first, after: $after) { nodes { ${FIELDS} } pageInfo { hasNextPage endCursor } } } }`;
const REDELIVER = `mutation ($id: ID!) { redeliver(id: $id) { ${FIELDS} } }`;

export type DeliverySnapshot = {
  id: string;
  event: string;
  generationId: string;
  state: string;
  attempts: number;
  responseStatus: number | null;
  error: string | null;
  nextAttemptAt: string | null;
  deliveredAt: string | null;
};

export type WebhookSnapshot = {
  id: string;
  url: string;
  events: string[];
  disabledAt: string | null;
  deliveries: { nodes: DeliverySnapshot[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
};

export const createWebhook = async (
  client: Client,
  url: string,
  events = EVENTS,
): Promise<{ id: string; secret: string }> => {
  const { secret, webhook } = (await dataOf(client.ask(CREATE, { input: { url, events } }))).createWebhook;
  return { id: webhook.id, secret };
};

export const webhooksOf = async (
  client: Client,
  page: { first?: number; after?: string | null } = {},
): Promise<WebhookSnapshot[]> => (await dataOf(client.ask(LIST, page))).webhooks;

/** The newest deliveries of a webhook. @param id undefined for the only one */
export const deliveriesOf = async (client: Client, id?: string): Promise<DeliverySnapshot[]> =>
  (await webhooksOf(client, { first: 100 })).find((each) => each.id === (id ?? each.id))?.deliveries.nodes ?? [];

export const redeliver = async (client: Client, id: string): Promise<DeliverySnapshot> =>
  (await dataOf(client.ask(REDELIVER, { id }))).redeliver;

/** Waits until the only webhook has as many deliveries, all of them in the state. */
export const untilAll = (client: Client, state: string, count: number): Promise<DeliverySnapshot[]> =>
  until(async () => {
    const all = await deliveriesOf(client);
    return all.length === count && all.every((each) => each.state === state) && all;
  }, `${count} deliveries to be ${state}`);
