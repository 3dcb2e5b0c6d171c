/** What ComfyUI lacks for a workflow. */
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import css from './run.module.css';

type MissingPart = {
  kind: 'NODE' | 'MODEL';
  name: string;
  folder: string | null;
  suggestions: readonly string[];
  url: string | null;
};

export function MissingParts({ parts }: { parts: readonly MissingPart[] }) {
  const { t } = useTranslation('create');
  if (parts.length === 0) return null;
  return (
    <div className={css.notice}>
      <TriangleAlert aria-hidden size={18} />
      <div>
        <p>{t('missing.title')}</p>
        <ul className={css.parts}>
          {parts.map(({ kind, name, folder, suggestions, url }) => (
            <li key={`${kind} ${folder} ${name}`}>
              {kind === 'NODE' ? t('missing.node', { name }) : t('missing.model', { name, folder: folder ?? '?' })}{' '}
              {suggestions.length > 0 && t('missing.similar', { names: suggestions.join(', ') })}{' '}
              {url && /^https?:/.test(url) && (
                <a href={url} target="_blank" rel="noreferrer">
                  {t('missing.download')}
                </a>
              )}
            </li>
          ))}
        </ul>
      </div>
    </div>
  );
}
