/** Chooses a file among what the viewer has made. */
import { Music, Video } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useQuery } from 'urql';
import { absolute } from '../../api/address';
import { graphql } from '../../api/graphql';
import { CARD, type Card } from '../../generation/fragments';
import { Button } from '../../ui/button';
import { Dialog } from '../../ui/dialog';
import type { FileType } from '../inputs/form-input';
import type { FileValue } from '../inputs/values';
import { kindOf, takes } from './file-types';
import css from './files.module.css';

const PAGE = 30;

const MADE = graphql(
  `
    query Made($after: String, $first: Int) {
      generations(first: $first, after: $after, filter: { status: [COMPLETED] }) {
        nodes { ...Card }
        pageInfo { hasNextPage endCursor }
      }
    }
  `,
  [CARD],
);

type HistoryPickerProps = { type: FileType; onChoose(file: FileValue): void; onClose(): void };

export default function HistoryPicker({ type, onChoose, onClose }: HistoryPickerProps) {
  const { t } = useTranslation('create');
  const [cursors, setCursors] = useState<(string | null)[]>([null]);
  return (
    <Dialog isOpen isWide onClose={onClose} title={t('file.history')}>
      <ul className={css.made}>
        {cursors.map((after, index) => (
          <MadePage
            key={after}
            after={after}
            type={type}
            onChoose={onChoose}
            onMore={index === cursors.length - 1 ? (next) => setCursors([...cursors, next]) : undefined}
          />
        ))}
      </ul>
    </Dialog>
  );
}

type MadePageProps = {
  after: string | null;
  type: FileType;
  onChoose(file: FileValue): void;
  /** Given to the last page. */
  onMore: ((cursor: string) => void) | undefined;
};

function MadePage({ after, type, onChoose, onMore }: MadePageProps) {
  const { t } = useTranslation('create');
  const [{ data, fetching }] = useQuery({ query: MADE, variables: { after, first: PAGE } });
  const page = data?.generations;
  const files = page?.nodes.flatMap(filesOf).filter(({ file }) => takes(type, file.kind)) ?? [];
  const next = page?.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
  return (
    <>
      {files.map(({ file, prompt }) => (
        <li key={file.id}>
          <button type="button" className={css.pick} onClick={() => onChoose(file)}>
            {file.previewUrl ? (
              <img src={file.previewUrl} alt={prompt || t('file.chosen')} loading="lazy" />
            ) : (
              <span>
                {file.kind === 'AUDIO' ? <Music aria-hidden /> : <Video aria-hidden />}
                {prompt || t('file.chosen')}
              </span>
            )}
          </button>
        </li>
      ))}
      {!after && !fetching && files.length === 0 && !next && <li className={css.none}>{t('file.nothingMade')}</li>}
      {onMore && next && (
        <li className={css.more}>
          <Button onClick={() => onMore(next)}>{t('file.more')}</Button>
        </li>
      )}
    </>
  );
}

function filesOf({ prompt, result }: Card): { file: FileValue; prompt: string }[] {
  const images = result?.images.map(({ id, thumbnailUrl, url }) => ({
    prompt,
    file: { id, kind: 'IMAGE' as const, name: prompt, previewUrl: absolute(thumbnailUrl), url: absolute(url) },
  }));
  const others = result?.files.map(({ id, contentType, posterUrl, url }) => ({
    prompt,
    file: {
      id,
      kind: kindOf(contentType),
      name: prompt,
      previewUrl: posterUrl && absolute(posterUrl),
      url: absolute(url),
    },
  }));
  return [...(images ?? []), ...(others ?? [])];
}
