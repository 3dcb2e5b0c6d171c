/** One generation, large, over the gallery. */
import { Dialog } from '@base-ui/react/dialog';
import { ChevronLeft, ChevronRight, X } from 'lucide-react';
import { useEffect, useEffectEvent, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFavorite } from '../../generation/acts/use-favorite';
import { useRetry } from '../../generation/acts/use-retry';
import { useTitle } from '../../generation/use-title';
import { announce } from '../../ui/attention/announce';
import { IconButton } from '../../ui/button';
import { Waiting } from '../../ui/waiting';
import { useDownload } from '../download';
import type { Filter } from '../filters/filter';
import type { Gallery } from '../list/use-gallery-list';
import { Actions } from './actions';
import { makesOther, outputsOf } from './detail';
import { Facts } from './facts/facts';
import { useNeighbours } from './neighbours';
import { Outputs, useOutputName } from './stage/outputs';
import { Running } from './stage/running';
import { Stage } from './stage/stage';
import { Unread } from './stage/unread';
import type { Gestures } from './stage/use-gestures';
import { useDetail } from './use-detail';
import { useRemove } from './use-remove';
import css from './viewer.module.css';

type ViewerProps = {
  id: string;
  gallery: Gallery;
  filter: Filter;
  /** How many the gallery has, if that is known. */
  total: number | undefined;
  onShow(id: string): void;
  onClose(): void;
};

export function Viewer({ id, gallery, filter, total, onShow, onClose }: ViewerProps) {
  const { t } = useTranslation('history');
  const titleOf = useTitle();
  const { detail, problem, retry: reread } = useDetail(id);
  const { previous, next, position } = useNeighbours(id, detail?.createdAt, gallery, filter);
  const stage = useRef<Gestures>(null);
  const [chosen, setChosen] = useState({ id, at: 0 });
  const outputs = useMemo(() => outputsOf(detail?.outputs ?? null), [detail]);
  const outputNameOf = useOutputName();
  const at = chosen.id === id ? Math.min(chosen.at, Math.max(0, outputs.length - 1)) : 0;
  const output = outputs[at];
  const favorite = useFavorite();
  const { remove, isSettling } = useRemove({
    id,
    title: detail && titleOf(detail),
    neighbour: next ?? previous,
    items: gallery.items,
    onShow,
    onClose,
  });
  const download = useDownload();
  const retry = useRetry();

  function choose(index: number) {
    setChosen({ id, at: index });
    announce(outputNameOf(outputs, index));
  }
  /** To the next output of this generation, then to the next generation. */
  function step(by: number) {
    const neighbour = by > 0 ? next : previous;
    if (outputs[at + by]) choose(at + by);
    else if (neighbour) onShow(neighbour);
  }

  const again = () => detail && void retry(id, { isOther: makesOther(detail) });

  const keys: Record<string, () => unknown> = {
    ArrowLeft: () => stage.current?.pan(-1, 0) || step(-1),
    ArrowRight: () => stage.current?.pan(1, 0) || step(1),
    ArrowUp: () => stage.current?.pan(0, -1),
    ArrowDown: () => stage.current?.pan(0, 1),
    '+': () => stage.current?.zoomIn(),
    '=': () => stage.current?.zoomIn(),
    '-': () => stage.current?.zoomOut(),
    '0': () => stage.current?.reset(),
    f: () => detail && void favorite(id, !detail.isFavorite),
    d: () => detail?.result && void download([id]),
    Delete: remove,
  };
  const onKey = (event: React.KeyboardEvent) => {
    const isTyping = (event.target as Element).closest('input, textarea, select, video, audio, [role="menu"]');
    const run = keys[event.key];
    if (!run || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    run();
  };

  const popup = useRef<HTMLDivElement>(null);
  const scrollUp = useEffectEvent(() => popup.current?.scrollTo(0, 0));
  useLayoutEffect(() => {
    if (id) scrollUp();
  }, [id]);

  const title = detail ? titleOf(detail) : t('viewer.title');
  const where = position !== undefined && total !== undefined ? t('viewer.position', { position, total }) : '';
  // The first one is read as the name of the dialog.
  const read = useRef(id);
  const readOut = useEffectEvent((shown: string) => {
    if (read.current !== shown) announce(`${title}, ${where}`);
    read.current = shown;
  });
  const shown = detail?.id;
  useEffect(() => {
    if (shown) readOut(shown);
  }, [shown]);
  return (
    <Dialog.Root open onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Popup
          ref={popup}
          className={`${css.popup} ${css.one}`}
          onKeyDown={onKey}
          initialFocus={popup}
          finalFocus={false}
        >
          <header className={css.head}>
            <IconButton icon={X} label={t('viewer.close')} aria-keyshortcuts="Escape" onClick={onClose} />
            <Dialog.Title className="visually-hidden">{title}</Dialog.Title>
            <p className={css.position}>{where}</p>
            {detail && <Actions detail={detail} canDelete={!isSettling} onDelete={remove} onRetry={again} />}
          </header>
          <div className={css.stage}>
            {!detail && !problem && <Waiting />}
            {problem && (
              <Unread
                problem={problem}
                card={gallery.items.find((card) => card.id === id)}
                onRetry={reread}
                onClose={onClose}
              />
            )}
            {detail && output && (
              <Stage key={output.key} ref={stage} output={output} alt={title} onSwipe={step} onSwipeDown={onClose} />
            )}
            {detail && !output && <Running detail={detail} onSwipe={step} onSwipeDown={onClose} onRetry={again} />}
            {(previous || at > 0) && (
              <IconButton
                className={css.previous}
                icon={ChevronLeft}
                label={t('viewer.previous')}
                look="plain"
                onClick={() => step(-1)}
              />
            )}
            {(next || at < outputs.length - 1) && (
              <IconButton
                className={css.next}
                icon={ChevronRight}
                label={t('viewer.next')}
                look="plain"
                onClick={() => step(1)}
              />
            )}
          </div>
          {outputs.length > 1 && <Outputs outputs={outputs} chosen={at} onChoose={choose} />}
          {detail && <Facts detail={detail} output={output} />}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
