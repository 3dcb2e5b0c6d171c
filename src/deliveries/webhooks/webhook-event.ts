/** What a webhook can receive. The trigger `generations_announce` writes these names. */
import { registerEnumType } from 'type-graphql';

export enum WebhookEvent {
  GENERATION_STARTED = 'GENERATION_STARTED',
  GENERATION_COMPLETED = 'GENERATION_COMPLETED',
  GENERATION_FAILED = 'GENERATION_FAILED',
  GENERATION_CANCELED = 'GENERATION_CANCELED',
}
registerEnumType(WebhookEvent, {
  name: 'WebhookEvent',
  description:
    'What happened to a generation. The body of a delivery names it as `type`, such as `generation.completed`.',
  valuesConfig: {
    GENERATION_STARTED: { description: 'ComfyUI began to execute it, for the first time.' },
    GENERATION_COMPLETED: { description: 'It is COMPLETED: its result is saved.' },
    GENERATION_FAILED: { description: 'It is FAILED.' },
    GENERATION_CANCELED: { description: 'It is CANCELED.' },
  },
});
