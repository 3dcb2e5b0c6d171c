/** What ComfyUI lacks, so that a workflow cannot run yet. */
import { useTranslation } from 'react-i18next';
import { Notice } from '../ui/notice';

type MissingPart = {
  kind: 'NODE' | 'MODEL';
  name: string;
  folder: string | null;
  suggestions: readonly string[];
  url: string | null;
};

const SHORT = 2;

/** @param isShort names the first parts alone */
export function MissingParts({ parts, isShort = false }: { parts: readonly MissingPart[]; isShort?: boolean }) {
  const { t } = useTranslation();
  const shown = isShort ? parts.slice(0, SHORT) : parts;
  const rest = parts.length - shown.length;
  if (parts.length === 0) return null;
  return (
    <Notice title={t('missing.title')}>
      <ul>
        {shown.map(({ kind, name, folder, suggestions, url }) => (
          <li key={`${kind} ${folder} ${name}`}>
            {kind === 'NODE' ? t('missing.node', { name }) : t('missing.model', { name, folder: folder ?? '?' })}{' '}
            {!isShort && suggestions.length > 0 && t('missing.similar', { names: suggestions.join(', ') })}{' '}
            {/* The document is not ours: only an address of the web becomes a link. */}
            {url && /^https?:\/\//.test(url) && (
              <a href={url} target="_blank" rel="noreferrer">
                {t('missing.download')}
              </a>
            )}
          </li>
        ))}
        {rest > 0 && <li>{t('missing.more', { count: rest })}</li>}
      </ul>
    </Notice>
  );
}
