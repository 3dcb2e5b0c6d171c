/** IMAGE, MASK, VIDEO, AUDIO and FILE: dropped, pasted, chosen, taken with the camera, or from the history. */
import { lazy, Suspense, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { GroupField } from '../../ui/field';
import type { FieldProps } from '../fields/form';
import { useWords } from '../fields/use-words';
import { isFileType } from '../inputs/form-input';
import { asFile, type FileValue } from '../inputs/values';
import { keepStrokes, type Stroke } from '../mask/strokes';
import { ChosenFile } from './chosen-file';
import { EmptyFile } from './empty-file';
import { contentTypeOf, kindOf, takes } from './file-types';
import css from './files.module.css';
import { useDrop } from './use-drop';
import { useUpload } from './use-upload';

const MaskDialog = lazy(() => import('../mask/mask-dialog'));
const HistoryPicker = lazy(() => import('./history-picker'));

export function FileField({ input, form }: FieldProps) {
  const { t } = useTranslation('create');
  const { label, hint } = useWords(input);
  const { progress, problem, start, end, refuse } = useUpload();
  const [open, setOpen] = useState<'mask' | 'history'>();
  const box = useRef<HTMLDivElement>(null);
  const type = isFileType(input.type) ? input.type : 'FILE';
  const file = asFile(form.values[input.name]);
  const set = (next: FileValue | undefined) => form.set(input.name, next);
  const picture =
    type === 'MASK' ? pictureFor(input.name, form) : type === 'IMAGE' ? (file?.origin ?? file) : undefined;
  const canPaint = type === 'MASK' || (type === 'IMAGE' && form.repaintsTransparent && file !== undefined);

  const maskHint = () => {
    if (type === 'MASK' && !picture) return t('mask.pictureFirst');
    if (type === 'MASK' && file?.origin && file.origin.id !== picture?.id) return t('mask.otherPicture');
    return canPaint && picture && !picture.url ? t('mask.needsFile') : undefined;
  };

  async function take(given: File | undefined) {
    if (!given) return;
    if (!takes(type, kindOf(contentTypeOf(given)))) return refuse(t(`file.wrong.${type}`));
    const uploaded = await start(given);
    if (uploaded) set(uploaded);
  }

  async function takePainted(blob: Blob, strokes: readonly Stroke[]) {
    setOpen(undefined);
    const uploaded = await start(new File([blob], type === 'MASK' ? 'mask.png' : 'marked.png', { type: 'image/png' }));
    if (!uploaded) return;
    keepStrokes(uploaded.id, strokes);
    set({ ...uploaded, origin: picture });
  }

  const isOver = useDrop(box, take);

  return (
    <GroupField label={label} hint={maskHint() ?? hint} problem={problem ?? form.problems[input.name]}>
      <div ref={box} className={isOver ? `${css.box} ${css.over}` : css.box}>
        {file && progress === undefined ? (
          <ChosenFile
            file={file}
            onPaint={canPaint && picture?.url ? () => setOpen('mask') : undefined}
            onRemove={() => {
              end();
              set(type === 'IMAGE' ? file.origin : undefined);
            }}
          />
        ) : (
          <EmptyFile
            type={type}
            progress={progress}
            onFile={take}
            onHistory={() => setOpen('history')}
            onPaint={canPaint && picture?.url ? () => setOpen('mask') : undefined}
            onCancel={end}
          />
        )}
      </div>
      <Suspense>
        {open === 'mask' && picture?.url && (
          <MaskDialog
            url={picture.url}
            makes={type === 'MASK' ? 'mask' : 'picture'}
            fileId={file?.id}
            onDone={takePainted}
            onClose={() => setOpen(undefined)}
          />
        )}
        {open === 'history' && (
          <HistoryPicker
            type={type}
            onChoose={(chosen) => {
              setOpen(undefined);
              end();
              set(chosen);
            }}
            onClose={() => setOpen(undefined)}
          />
        )}
      </Suspense>
    </GroupField>
  );
}

/** The picture that a mask is painted over: that of the nearest input before it, else of the first one. */
function pictureFor(mask: string, { inputs, values }: FieldProps['form']): FileValue | undefined {
  const at = inputs.findIndex(({ name }) => name === mask);
  const before = inputs.slice(0, at).reverse();
  const pictures = [...before, ...inputs.slice(at)].filter(({ type }) => type === 'IMAGE');
  return pictures.map(({ name }) => asFile(values[name])).find((file) => file !== undefined);
}
