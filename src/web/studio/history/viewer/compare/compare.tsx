/** Two generations against each other: one over the other with a slider, or side by side. */
import { Dialog } from '@base-ui/react/dialog';
import { Slider } from '@base-ui/react/slider';
import { Columns2, SquareSplitHorizontal, X } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTitle } from '../../../generation/use-title';
import { hasOpener } from '../../../ui/attention/keep-focus';
import { buttonClass, IconButton } from '../../../ui/button';
import { Waiting } from '../../../ui/waiting';
import { type Detail, type DetailImage, outputsOf } from '../detail';
import { Stage } from '../stage/stage';
import { useDetail } from '../use-detail';
import viewer from '../viewer.module.css';
import { Caption } from './caption';
import css from './compare.module.css';
import { useDifferences } from './use-differences';

const MIDDLE = 50;
/** Shapes that differ less lie over each other. */
const SAME_SHAPE = 0.02;

export function Compare({ ids: [one, other], onClose }: { ids: readonly [string, string]; onClose(): void }) {
  const { t } = useTranslation('history');
  const [left, right] = [useDetail(one), useDetail(other)];
  const [isSplit, setIsSplit] = useState(true);
  const textOf = useText();
  const [ones, others] = useDifferences(left.detail, right.detail);
  const captions = [
    <Caption key={one} detail={left.detail} differences={ones} />,
    <Caption key={other} detail={right.detail} differences={others} />,
  ] as const;
  const images = [imageOf(left.detail), imageOf(right.detail)] as const;
  const [first, second] = images;
  const canSplit =
    first !== undefined &&
    second !== undefined &&
    Math.abs(first.width / first.height - second.width / second.height) < SAME_SHAPE;
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Popup className={`${viewer.popup} ${css.two}`} finalFocus={hasOpener}>
          <header className={viewer.head}>
            <IconButton icon={X} label={t('viewer.close')} aria-keyshortcuts="Escape" onClick={onClose} />
            <Dialog.Title className={css.title}>{t('compare.title')}</Dialog.Title>
            {canSplit && (
              <button
                type="button"
                className={buttonClass('plain')}
                aria-pressed={!isSplit}
                onClick={() => setIsSplit(!isSplit)}
              >
                {isSplit ? <Columns2 aria-hidden size={18} /> : <SquareSplitHorizontal aria-hidden size={18} />}
                {isSplit ? t('compare.beside') : t('compare.over')}
              </button>
            )}
          </header>
          {(left.problem || right.problem) && <p role="alert">{t('viewer.gone')}</p>}
          {canSplit && isSplit ? (
            <div className={css.over}>
              <Split first={first} second={second} labels={[textOf(left.detail), textOf(right.detail)]} />
              <div className={css.captions}>{captions}</div>
            </div>
          ) : (
            <div className={css.beside}>
              <Side detail={left.detail} caption={captions[0]} />
              <Side detail={right.detail} caption={captions[1]} />
            </div>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

const imageOf = (detail: Detail | undefined): DetailImage | undefined => detail?.outputs?.images[0];

/** What a generation is called once it is known. */
function useText(): (detail: Detail | undefined) => string {
  const titleOf = useTitle();
  return (detail) => (detail ? titleOf(detail) : '');
}

type SplitProps = { first: DetailImage; second: DetailImage; labels: [string, string] };

function Split({ first, second, labels }: SplitProps) {
  const { t } = useTranslation('history');
  const [at, setAt] = useState(MIDDLE);
  const ratio = { '--ratio': first.width / first.height };
  return (
    <div className={css.split}>
      <div className={css.frame} style={ratio}>
        <img src={second.url} alt={labels[1]} draggable={false} />
        <img src={first.url} alt={labels[0]} style={{ clipPath: `inset(0 ${100 - at}% 0 0)` }} draggable={false} />
        <Slider.Root
          className={css.slider ?? ''}
          value={at}
          onValueChange={(value) => setAt(value as number)}
          thumbAlignment="center"
        >
          <Slider.Control className={css.control ?? ''}>
            <Slider.Track className={css.track ?? ''}>
              <Slider.Thumb className={css.thumb ?? ''} aria-label={t('compare.slider')} />
            </Slider.Track>
          </Slider.Control>
        </Slider.Root>
      </div>
    </div>
  );
}

function Side({ detail, caption }: { detail: Detail | undefined; caption: ReactNode }) {
  const [output] = outputsOf(detail?.outputs ?? null);
  const textOf = useText();
  return (
    <figure className={css.side}>
      <div className={css.stage}>
        {detail && output ? <Stage output={output} alt={textOf(detail)} onSwipe={() => {}} /> : <Waiting />}
      </div>
      <figcaption>{caption}</figcaption>
    </figure>
  );
}
