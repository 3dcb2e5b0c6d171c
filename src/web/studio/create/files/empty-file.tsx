/** The ways to give an input its file, and how far an upload is. */
import { Brush, Camera, History, ImagePlus, Upload } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button';
import type { FileType } from '../inputs/form-input';
import { acceptOf } from './file-types';
import css from './files.module.css';

type EmptyFileProps = {
  type: FileType;
  progress: number | undefined;
  onFile(file: File | undefined): void;
  onHistory(): void;
  onPaint: (() => void) | undefined;
  onCancel(): void;
};

export function EmptyFile({ type, progress, onFile, onHistory, onPaint, onCancel }: EmptyFileProps) {
  const { t } = useTranslation(['create', 'shell']);
  const chooser = useRef<HTMLInputElement>(null);
  const camera = useRef<HTMLInputElement>(null);
  if (progress !== undefined)
    return (
      <div className={css.uploading}>
        <progress value={progress} aria-label={t('file.uploading')} />
        <Button onClick={onCancel}>{t('shell:cancel')}</Button>
      </div>
    );
  return (
    <div className={css.empty}>
      {onPaint && (
        <Button look="primary" icon={Brush} onClick={onPaint}>
          {t('mask.open')}
        </Button>
      )}
      <Button icon={type === 'IMAGE' ? ImagePlus : Upload} onClick={() => chooser.current?.click()}>
        {t('file.choose')}
      </Button>
      {type === 'IMAGE' && (
        <Button className={css.camera} icon={Camera} onClick={() => camera.current?.click()}>
          {t('file.camera')}
        </Button>
      )}
      <Button icon={History} onClick={onHistory}>
        {t('file.history')}
      </Button>
      <p className={css.drop}>{t('file.drop')}</p>
      <HiddenInput inputRef={chooser} accept={acceptOf(type)} onFile={onFile} />
      {type === 'IMAGE' && <HiddenInput inputRef={camera} accept="image/*" isCamera onFile={onFile} />}
    </div>
  );
}

type HiddenInputProps = {
  inputRef: React.RefObject<HTMLInputElement | null>;
  accept: string;
  isCamera?: boolean;
  onFile(file: File | undefined): void;
};

/** Buttons open it: they have the words of the page's language. */
const HiddenInput = ({ inputRef, accept, isCamera = false, onFile }: HiddenInputProps) => (
  <input
    ref={inputRef}
    type="file"
    hidden
    accept={accept}
    {...(isCamera && { capture: 'environment' })}
    onChange={({ target }) => {
      onFile(target.files?.[0]);
      // The same file can be chosen again.
      target.value = '';
    }}
  />
);
