/** Takes a file that is dropped anywhere on the page, and a file or a workflow that is pasted. */
import { FileInput } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from './import.module.css';
import { endImport, startImport, useImport } from './import-store';
import { isWorkflow } from './is-workflow';

const ImportDialog = lazy(() => import('./import-dialog'));

/** Its words load behind the page. */
export const ImportTarget = () => (
  <Suspense>
    <Target />
  </Suspense>
);

function Target() {
  const { t } = useTranslation('import');
  const source = useImport();
  const isDragging = useDragging();
  return (
    <>
      {isDragging && (
        <div className={css.target} aria-hidden>
          <p>
            <FileInput size={24} />
            {t('drop')}
          </p>
        </div>
      )}
      <Suspense>{source && <ImportDialog source={source} onClose={endImport} />}</Suspense>
    </>
  );
}

/** @returns whether a file is held over the page */
function useDragging(): boolean {
  const [isDragging, setIsDragging] = useState(false);
  useEffect(() => {
    const ending = new AbortController();
    const options = { signal: ending.signal };
    window.addEventListener(
      'dragover',
      (event) => {
        if (!event.dataTransfer?.types.includes('Files')) return;
        event.preventDefault();
        setIsDragging(true);
      },
      options,
    );
    window.addEventListener('dragleave', (event) => !event.relatedTarget && setIsDragging(false), options);
    // Whatever takes the file, and however far the event gets.
    window.addEventListener('drop', () => setIsDragging(false), { ...options, capture: true });
    window.addEventListener(
      'drop',
      (event) => {
        const [file] = event.dataTransfer?.files ?? [];
        // A field has taken it already.
        if (event.defaultPrevented || !file) return;
        event.preventDefault();
        startImport({ kind: 'file', file });
      },
      options,
    );
    window.addEventListener('paste', (event) => takePasted(event), options);
    return () => ending.abort();
  }, []);
  return isDragging;
}

function takePasted(event: ClipboardEvent): void {
  // A dialog has its own use for it.
  const isInDialog = event.target instanceof Element && event.target.closest('[role="dialog"]');
  if (event.defaultPrevented || isInDialog) return;
  const [file] = event.clipboardData?.files ?? [];
  const text = event.clipboardData?.getData('text/plain') ?? '';
  if (file) startImport({ kind: 'file', file });
  else if (isWorkflow(text)) startImport({ kind: 'document', document: text, name: '' });
  else return;
  event.preventDefault();
}
