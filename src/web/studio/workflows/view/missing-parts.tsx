/** What no ComfyUI has, so that a workflow cannot run yet. */
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import css from './view.module.css';

type MissingPart = {
  kind: 'NODE' | 'MODEL';
  name: string;
  folder: string | null;
  suggestions: readonly string[];
  url: string | null;
};

const SHORT = 2;

/** @param isShort names the first parts alone */
export function MissingParts({ missing, isShort = false }: { missing: readonly MissingPart[]; isShort?: boolean }) {
  const { t } = useTranslation('workflows');
  const shown = isShort ? missing.slice(0, SHORT) : missing;
  const rest = missing.length - shown.length;
  return (
    <div className={css.missing}>
      <TriangleAlert aria-hidden size={18} />
      <div>
        <p>{t('missing.title')}</p>
        <ul>
          {shown.map(({ kind, name, folder, suggestions, url }) => (
            <li key={`${kind} ${folder} ${name}`}>
              {t(`missing.${kind}`)} <code>{folder ? `${folder}/${name}` : name}</code>
              {/* The document is not ours: only an address of the web becomes a link. */}
              {url && /^https?:\/\//.test(url) && (
                <>
                  {' '}
                  <a href={url} rel="noreferrer" target="_blank">
                    {t('missing.download')}
                  </a>
                </>
              )}
              {!isShort && suggestions.length > 0 && (
                <span className={css.hint}> {t('missing.similar', { names: suggestions.join(', ') })}</span>
              )}
            </li>
          ))}
          {rest > 0 && <li>{t('missing.more', { count: rest })}</li>}
        </ul>
      </div>
    </div>
  );
}
