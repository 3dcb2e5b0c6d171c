/** Asks for a file or a pasted workflow. */
import { FolderOpen } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../ui/button';
import { TextArea } from '../ui/field';
import css from './import.module.css';
import { startImport } from './import-store';
import { isWorkflow } from './is-workflow';

export function AskSource() {
  const { t } = useTranslation('import');
  const chooser = useRef<HTMLInputElement>(null);
  const [text, setText] = useState('');
  const [isWrong, setIsWrong] = useState(false);
  return (
    <div className={css.ask}>
      <Button look="primary" icon={FolderOpen} onClick={() => chooser.current?.click()}>
        {t('chooseFile')}
      </Button>
      <input
        ref={chooser}
        type="file"
        hidden
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) startImport({ kind: 'file', file });
        }}
      />
      <TextArea
        label={t('paste')}
        value={text}
        rows={5}
        spellCheck={false}
        problem={isWrong ? t('notAWorkflow') : undefined}
        onChange={({ target }) => {
          setText(target.value);
          setIsWrong(false);
        }}
      />
      <Button
        disabled={text.trim() === ''}
        onClick={() =>
          isWorkflow(text) ? startImport({ kind: 'document', document: text, name: '' }) : setIsWrong(true)
        }
      >
        {t('read')}
      </Button>
    </div>
  );
}
