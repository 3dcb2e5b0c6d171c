/** Imports a workflow, or the file that carries it: reads it, and offers what can be done with it. */
import { FolderOpen } from 'lucide-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import { bring } from '../create/incoming';
import { announce } from '../ui/attention/announce';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { ProblemWords } from '../ui/problems/problem-note';
import { useProblemText } from '../ui/problems/use-problem-text';
import { AskSource } from './ask-source';
import { DraftForm } from './draft-form';
import css from './import.module.css';
import { type ImportSource, startImport } from './import-store';
import { type ImportEnd, readDraft } from './read-draft';

type ImportDialogProps = { source: ImportSource; onClose(): void };

const NO_VALUES = {};

export default function ImportDialog({ source, onClose }: ImportDialogProps) {
  const { t } = useTranslation('import');
  const { end, progress } = useDraft(source);
  const { draft, file } = end ?? {};
  const [isChanged, setIsChanged] = useState(false);
  const useAsInput =
    file &&
    (() => {
      onClose();
      bring({ kind: 'file', id: file.id, previewUrl: file.previewUrl });
    });
  // Values are those of an earlier run of the graph.
  const isAgain = source.kind === 'document' && source.values !== undefined;
  const title = () => {
    if (isAgain) return t('again');
    return draft && end?.name ? t('titleOf', { name: end.name }) : t('title');
  };
  const sayTitle = useEffectEvent(() => announce(title()));
  useEffect(() => {
    if (draft) sayTitle();
  }, [draft]);
  const description = () => {
    if (source.kind === 'ask')
      return (
        <>
          {t('ask')} <span className={css.drop}>{t('askDrop')}</span>
        </>
      );
    return draft && !isAgain ? t(`from.${draft.format}`) : undefined;
  };
  return (
    <Dialog isOpen onClose={onClose} title={title()} description={description()} holds={isChanged ? 'work' : undefined}>
      <div className={css.content} onInput={() => setIsChanged(true)}>
        {source.kind === 'ask' && <AskSource />}
        {source.kind !== 'ask' && !end && (
          <div className={css.reading} role="status">
            <p>{t('reading')}</p>
            <progress value={progress > 0 && progress < 1 ? progress : undefined} aria-label={t('reading')} />
          </div>
        )}
        {draft && (
          <DraftForm
            draft={draft}
            name={end?.name ?? ''}
            values={source.kind === 'document' ? (source.values ?? NO_VALUES) : NO_VALUES}
            isAgain={isAgain}
            onUseAsInput={useAsInput}
            onClose={onClose}
          />
        )}
        {end?.problem && <Failed end={end} onUseAsInput={useAsInput} />}
      </div>
    </Dialog>
  );
}

function Failed({ end, onUseAsInput }: { end: ImportEnd; onUseAsInput: (() => void) | undefined }) {
  const { t } = useTranslation(['import', 'create']);
  const explain = useProblemText();
  const { problem, file } = end;
  if (!problem) return null;
  const text = () => {
    if (problem.code === 'FORBIDDEN') return t('forbidden');
    if (problem.code === 'UNSUPPORTED') return t('unsupported');
    if (problem.code === 'BAD_USER_INPUT' && file) return t('noWorkflow');
    return explain(problem);
  };
  return (
    <div className={css.failed}>
      {file?.previewUrl && <img src={file.previewUrl} alt={t('create:file.preview', { name: file.name })} />}
      {file ? <p role="alert">{text()}</p> : <ProblemWords>{text()}</ProblemWords>}
      {onUseAsInput && (
        <Button look="primary" onClick={onUseAsInput}>
          {t('useAsInput')}
        </Button>
      )}
      {problem.code !== 'FORBIDDEN' && (
        <Button icon={FolderOpen} onClick={() => startImport({ kind: 'ask' })}>
          {t('other')}
        </Button>
      )}
    </div>
  );
}

function useDraft(source: ImportSource): { end: ImportEnd | undefined; progress: number } {
  const client = useClient();
  const [read, setRead] = useState<{ source: ImportSource; end: ImportEnd }>();
  const [progress, setProgress] = useState(0);
  useEffect(() => {
    if (source.kind === 'ask') return;
    let isCurrent = true;
    setProgress(0);
    void readDraft(client, source, setProgress).then((end) => isCurrent && setRead({ source, end }));
    return () => {
      isCurrent = false;
    };
  }, [client, source]);
  return { end: read?.source === source ? read.end : undefined, progress };
}
