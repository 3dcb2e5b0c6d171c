/** Imports a workflow of ComfyUI: a file, or pasted text. */
import { FileUp } from 'lucide-react';
import { type FormEvent, useId, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { TextArea } from '../../ui/field';
import { ProblemNote } from '../../ui/forms/problem-note';
import { useSubmit } from '../../ui/forms/submit';
import { editDraft } from '../draft';
import { nameOf } from '../editor/names';
import css from './import.module.css';
import { readDocument } from './read-document';

const ACCEPTED = '.json,application/json,image/*,video/*,audio/*';

export function ImportDialog({ onClose }: { onClose(): void }) {
  const { t } = useTranslation(['workflows', 'shell']);
  const client = useClient();
  const { isBusy, problem, submit } = useSubmit();
  const chooser = useRef<HTMLInputElement>(null);
  const [isOver, setIsOver] = useState(false);
  const form = useId();

  const read = (file: File | undefined) => {
    if (!file || isBusy) return;
    void submit(async () => {
      const { draft, problem: found } = await readDocument(client, file);
      if (draft) editDraft(draft, nameOf(file.name.replace(/\.[^.]*$/, '')));
      return found;
    });
  };
  const readText = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const text = String(new FormData(event.currentTarget).get('text'));
    read(new File([text], 'workflow.json', { type: 'application/json' }));
  };

  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={t('import.title')}
      description={t('import.lead')}
      actions={
        <>
          <Button onClick={onClose}>{t('shell:cancel')}</Button>
          <Button type="submit" form={form} look="primary" disabled={isBusy}>
            {t('import.action')}
          </Button>
        </>
      }
    >
      <ProblemNote problem={problem} texts={{ FORBIDDEN: t('forbidden') }} />
      <fieldset
        aria-label={t('import.choose')}
        className={css.drop}
        data-over={isOver}
        onDragOver={(event) => {
          event.preventDefault();
          setIsOver(true);
        }}
        onDragLeave={() => setIsOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          event.stopPropagation();
          setIsOver(false);
          read(event.dataTransfer.files[0]);
        }}
      >
        <Button icon={FileUp} disabled={isBusy} onClick={() => chooser.current?.click()}>
          {isBusy ? t('import.busy') : t('import.choose')}
        </Button>
        <span className={css.hint}>{t('import.drop')}</span>
        <input
          ref={chooser}
          type="file"
          hidden
          accept={ACCEPTED}
          aria-label={t('import.choose')}
          onChange={(event) => {
            read(event.currentTarget.files?.[0]);
            // The same file can be chosen again.
            event.currentTarget.value = '';
          }}
        />
      </fieldset>
      <form id={form} onSubmit={readText}>
        <TextArea label={t('import.paste')} name="text" rows={4} spellCheck={false} required />
      </form>
    </Dialog>
  );
}
