/** Creates a webhook, and shows its secret once. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { graphql, type VariablesOf } from '../../api/graphql';
import { GroupField, TextField } from '../../ui/field';
import { FormDialog } from '../../ui/forms/form-dialog';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { CheckBox } from '../../ui/inputs/check-box';
import { ProblemNote } from '../../ui/problems/problem-note';
import { SecretDialog } from './secret-dialog';

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
  const { t } = useTranslation('account');
  const create = useMutate(CREATE_WEBHOOK);
  const [secret, setSecret] = useState<string>();
  const [sentUrl, setSentUrl] = useState('');
  const [events, setEvents] = useState(USUAL);
  const { isBusy, problem, submit } = useSubmit();

  function send(given: FormData) {
    const url = String(given.get('url')).trim();
    setSentUrl(url);
    const description = String(given.get('description')).trim() || null;
    void submit(async () => {
      const { data, problem: found } = await create({ input: { url, description, events: [...events] } });
      setSecret(data?.createWebhook?.secret);
      return found;
    });
  }

  if (secret)
    return (
      <SecretDialog
        title={t('webhooks.created')}
        description={t('webhooks.once')}
        label={t('webhooks.secret')}
        secret={secret}
        onClose={onClose}
      />
    );
  const isUrl = problem?.field === 'url';
  return (
    <FormDialog
      title={t('webhooks.create')}
      action={t('create')}
      isDisabled={isBusy || events.length === 0}
      onSend={send}
      onClose={onClose}
    >
      {!isUrl && <ProblemNote problem={problem} />}
      <TextField
        label={t('webhooks.url')}
        hint={t('webhooks.urlHint')}
        name="url"
        type="url"
        placeholder="https://"
        maxLength={2048}
        required
        problem={isUrl ? (sentUrl.startsWith('https://') ? problem.message : t('webhooks.needsHttps')) : undefined}
      />
      <TextField label={t('webhooks.description')} name="description" maxLength={255} />
      <GroupField label={t('webhooks.events')}>
        {EVENTS.map((event) => (
          <CheckBox
            key={event}
            label={t(`events.${event}`)}
            isChecked={events.includes(event)}
            onChange={(isChecked) =>
              setEvents(EVENTS.filter((each) => (each === event ? isChecked : events.includes(each))))
            }
          />
        ))}
      </GroupField>
    </FormDialog>
  );
}
