/** A public link to a generation: until when it works, and how to give it to somebody. */
import { ExternalLink, Link2Off, Share } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { absolute } from '../../api/address';
import { problemOf } from '../../api/errors';
import { graphql } from '../../api/graphql';
import { useTitle } from '../../generation/use-title';
import { Button, buttonClass } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { formatTime } from '../../ui/formats';
import { CopyField } from '../../ui/forms/copy-field';
import { SelectField } from '../../ui/forms/select-field';
import { useSayProblem } from '../../ui/problems/use-say-problem';
import type { Detail } from '../viewer/detail';
import css from './share-dialog.module.css';

const SHARE = graphql(`
  mutation Share($id: ID!, $expiresAt: DateTime) {
    shareGeneration(id: $id, expiresAt: $expiresAt) { id revision share { url expiresAt } }
  }
`);
const UNSHARE = graphql(`
  mutation Unshare($id: ID!) {
    unshareGeneration(id: $id) { id revision share { url expiresAt } }
  }
`);

const DAY_MS = 86_400_000;
/** In days; null for ever. */
const TERMS = { day: 1, week: 7, month: 30, ever: null } as const;
type Term = keyof typeof TERMS;
const NAMES = Object.keys(TERMS) as Term[];

export function ShareDialog({ detail, isOpen, onClose }: { detail: Detail; isOpen: boolean; onClose(): void }) {
  const { t, i18n } = useTranslation('history');
  const client = useClient();
  const sayProblem = useSayProblem();
  const [term, setTerm] = useState<Term>('month');
  const [isBusy, setIsBusy] = useState(false);
  const titleOf = useTitle();
  const { id, share } = detail;
  const hasExpired = share?.expiresAt != null && Date.parse(share.expiresAt) < Date.now();
  const link = share && !hasExpired ? absolute(share.url) : undefined;

  const field = useRef<HTMLInputElement>(null);
  const hadLink = useRef(link !== undefined);
  // The button that created it has gone.
  useEffect(() => {
    if (link && !hadLink.current) field.current?.focus();
    hadLink.current = link !== undefined;
  }, [link]);

  async function run(work: () => Promise<{ error?: Parameters<typeof problemOf>[0] }>) {
    setIsBusy(true);
    const { error } = await work();
    setIsBusy(false);
    sayProblem(problemOf(error));
  }
  function begin(chosen: Term) {
    setTerm(chosen);
    const days = TERMS[chosen];
    const expiresAt = days === null ? null : new Date(Date.now() + days * DAY_MS).toISOString();
    return run(() => client.mutation(SHARE, { id, expiresAt }).toPromise());
  }
  const end = () => run(() => client.mutation(UNSHARE, { id }).toPromise());
  // Rejects when the user closes the sheet of the device.
  const send = () => navigator.share?.({ url: link ?? '', title: titleOf(detail) }).catch(() => {});

  return (
    <Dialog isOpen={isOpen} onClose={onClose} title={t('share.title')} description={t('share.text')}>
      {link ? (
        <>
          <CopyField ref={field} label={t('share.link')} text={link} />
          <Terms
            value={share?.expiresAt ? '' : 'ever'}
            now={share?.expiresAt && formatTime(share.expiresAt, i18n.language, 'sentence')}
            isBusy={isBusy}
            onChoose={begin}
          />
          <div className={css.actions}>
            <a className={buttonClass()} href={link} target="_blank" rel="noreferrer">
              <ExternalLink aria-hidden size={18} />
              {t('share.open')}
            </a>
            {'share' in navigator && (
              <Button icon={Share} onClick={() => void send()}>
                {t('share.send')}
              </Button>
            )}
            <Button icon={Link2Off} look="danger" disabled={isBusy} onClick={() => void end()}>
              {t('share.end')}
            </Button>
          </div>
        </>
      ) : (
        <>
          <Terms value={term} isBusy={isBusy} onChoose={setTerm} />
          <Button look="primary" disabled={isBusy} onClick={() => void begin(term)}>
            {t('share.create')}
          </Button>
        </>
      )}
    </Dialog>
  );
}

type TermsProps = {
  value: Term | '';
  /** When the link ends by now; then the value is empty. */
  now?: string | null | undefined;
  isBusy: boolean;
  onChoose(term: Term): unknown;
};

function Terms({ value, now, isBusy, onChoose }: TermsProps) {
  const { t } = useTranslation('history');
  return (
    <SelectField
      label={t('share.term')}
      value={value}
      aria-disabled={isBusy}
      onChange={(event) => {
        const chosen = NAMES.find((name) => name === event.target.value);
        if (chosen && !isBusy) onChoose(chosen);
      }}
    >
      {now && <option value="">{now}</option>}
      {NAMES.map((name) => (
        <option key={name} value={name}>
          {t(`share.terms.${name}`)}
        </option>
      ))}
    </SelectField>
  );
}
