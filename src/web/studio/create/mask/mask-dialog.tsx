/** Marks with a brush the parts of a picture that change. */
import { Brush, Eraser, PaintBucket, Trash2, Undo2 } from 'lucide-react';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Button, IconButton } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import { Slider } from '../../ui/inputs/slider';
import { maskFile, pictureWithHole, type Size, sizeOf } from './export-mask';
import css from './mask.module.css';
import { type Stroke, strokesOf } from './strokes';
import { type Tool, useBrush } from './use-brush';

/** Larger pictures are painted at this size on the screen, and exported whole. */
const MAX_CANVAS_PX = 1536;

type MaskDialogProps = {
  /** The picture. */
  url: string;
  /** What the file is: the picture with transparent parts, or the mask alone. */
  makes: 'picture' | 'mask';
  /** The file that earlier strokes made. */
  fileId: string | undefined;
  onDone(file: Blob, strokes: readonly Stroke[]): void;
  onClose(): void;
};

export default function MaskDialog({ url, makes, fileId, onDone, onClose }: MaskDialogProps) {
  const { t } = useTranslation('create');
  const picture = useRef<HTMLImageElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const ring = useRef<HTMLSpanElement>(null);
  const [size, setSize] = useState<Size>();
  const [hasFailed, setHasFailed] = useState(false);
  const [isBusy, setIsBusy] = useState(false);
  const [tool, setTool] = useState<Tool>('paint');
  const [before] = useState(() => strokesOf(fileId));
  const [percent, setPercent] = useState(8);
  const diameter = (percent / 100) * Math.max(size?.width ?? 0, size?.height ?? 0);
  const { strokes, add, undo, handlers } = useBrush(canvas, size, { tool, diameter, initial: before });
  const scale = size ? Math.min(1, MAX_CANVAS_PX / Math.max(size.width, size.height)) : 1;

  async function finish() {
    if (!picture.current || !size) return;
    setIsBusy(true);
    try {
      onDone(await (makes === 'mask' ? maskFile(size, strokes) : pictureWithHole(picture.current, strokes)), strokes);
    } catch {
      // The picture is from another origin that does not let pages read it, or is too large for this browser.
      setHasFailed(true);
      setIsBusy(false);
    }
  }

  return (
    <Dialog
      isOpen
      isWide
      holds={strokes !== before && strokes.length + before.length > 0 ? 'work' : undefined}
      onClose={onClose}
      title={t('mask.title')}
      description={<span className={css.description}>{t('mask.description')}</span>}
    >
      <div className={css.editor}>
        <div className={css.tools}>
          <fieldset className={css.toggle} aria-label={t('mask.tool')}>
            <IconButton
              icon={Brush}
              label={t('mask.paint')}
              {...chosen(tool === 'paint')}
              onClick={() => setTool('paint')}
            />
            <IconButton
              icon={Eraser}
              label={t('mask.erase')}
              {...chosen(tool === 'erase')}
              onClick={() => setTool('erase')}
            />
          </fieldset>
          <div className={css.size}>
            <span aria-hidden>{t('mask.size')}</span>
            <Slider label={t('mask.size')} value={percent} onChange={setPercent} min={1} max={40} step={1} />
          </div>
          <IconButton icon={Undo2} label={t('mask.undo')} disabled={strokes.length === 0} onClick={undo} />
          <IconButton icon={PaintBucket} label={t('mask.fill')} onClick={() => add({ kind: 'fill' })} />
          <IconButton
            icon={Trash2}
            label={t('mask.clear')}
            disabled={strokes.length === 0}
            onClick={() => add({ kind: 'clear' })}
          />
        </div>
        {hasFailed && (
          <p className={css.problem} role="alert">
            {t('mask.unreadable')}
          </p>
        )}
        <div className={css.stage}>
          <img
            ref={picture}
            src={url}
            crossOrigin="anonymous"
            alt={t('mask.picture')}
            draggable={false}
            onLoad={({ currentTarget }) => setSize(sizeOf(currentTarget))}
            onError={() => setHasFailed(true)}
          />
          {size && (
            <canvas
              ref={canvas}
              className={css.canvas}
              width={Math.round(size.width * scale)}
              height={Math.round(size.height * scale)}
              aria-label={t('mask.canvas')}
              role="img"
              {...handlers}
              onPointerMove={(event) => {
                handlers.onPointerMove(event);
                const { offsetX, offsetY } = event.nativeEvent;
                ring.current?.style.setProperty('translate', `calc(${offsetX}px - 50%) calc(${offsetY}px - 50%)`);
              }}
            />
          )}
          {size && (
            <span ref={ring} aria-hidden className={css.ring} style={{ width: `${(diameter / size.width) * 100}%` }} />
          )}
        </div>
        <Button look="primary" className={css.done} disabled={isBusy || strokes.length === 0 || !size} onClick={finish}>
          {t('mask.done')}
        </Button>
      </div>
    </Dialog>
  );
}

const chosen = (isChosen: boolean) => ({
  'aria-pressed': isChosen,
  look: isChosen ? ('primary' as const) : ('quiet' as const),
});
