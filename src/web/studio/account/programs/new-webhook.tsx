/** Creates a webhook, and shows its secret once. */
import { type FormEvent, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, type VariablesOf } from '../../api/graphql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextField } from '../../ui/field';
import { CopyField } from '../../ui/forms/copy-field';
import { useMutate } from '../../ui/forms/mutate';
import { ProblemNote } from '../../ui/forms/problem-note';
import { useSubmit } from '../../ui/forms/submit';
import css from './programs.module.css';

const CREATE_WEBHOOK = graphql(`
  mutation CreateWebhook($input: CreateWebhookInput!) {
    createWebhook(input: $input) { secret webhook { id } }
  }
`);

type Event = VariablesOf<typeof CREATE_WEBHOOK>['input']['events'][number];

const EVENTS: readonly Event[] = [
  'GENERATION_STARTED',
  'GENERATION_COMPLETED',
  'GENERATION_FAILED',
  'GENERATION_CANCELED',
];
/** Chosen at first: those that end a generation. */
const USUAL: readonly Event[] = EVENTS.slice(1);

export function NewWebhook({ onClose }: { onClose(): void }) {
  const { t } = useTranslation(['account', 'shell']);
  const create = useMutate(CREATE_WEBHOOK);
  const [secret, setSecret] = useState<string>();
  const [events, setEvents] = useState(USUAL);
  const { isBusy, problem, submit } = useSubmit();
  const form = useId();

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const url = String(given.get('url')).trim();
    const description = String(given.get('description')).trim() || null;
    void submit(async () => {
      const { data, problem: found } = await create({ input: { url, description, events: [...events] } });
      setSecret(data?.createWebhook?.secret);
      return found;
    });
  }

  if (secret)
    return (
      <Dialog
        isOpen
        onClose={onClose}
        title={t('webhooks.created')}
        description={t('webhooks.once')}
        actions={
          <Button look="primary" onClick={onClose}>
            {t('done')}
          </Button>
        }
      >
        <CopyField label={t('webhooks.secret')} text={secret} />
      </Dialog>
    );
  const isUrl = problem?.field === 'url';
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('webhooks.create')}
      actions={
        <>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="submit" form={form} look="primary" disabled={isBusy || events.length === 0}>
            {t('create')}
          </Button>
        </>
      }
    >
      <form id={form} className={css.form} onSubmit={send}>
        {!isUrl && <ProblemNote problem={problem} />}
        <TextField
          label={t('webhooks.url')}
          hint={t('webhooks.urlHint')}
          name="url"
          type="url"
          placeholder="https://"
          maxLength={2048}
          required
          problem={isUrl ? problem.message : undefined}
        />
        <TextField label={t('webhooks.description')} name="description" maxLength={255} />
        <fieldset className={css.events}>
          <legend>{t('webhooks.events')}</legend>
          {EVENTS.map((event) => (
            <label key={event} className={css.check}>
              <input
                type="checkbox"
                checked={events.includes(event)}
                onChange={({ currentTarget: { checked } }) =>
                  setEvents(EVENTS.filter((each) => (each === event ? checked : events.includes(each))))
                }
              />
              {t(`events.${event}`)}
            </label>
          ))}
        </fieldset>
      </form>
    </Dialog>
  );
}
