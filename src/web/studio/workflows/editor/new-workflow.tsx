/** A workflow that was imported, before it is saved. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Redirect } from 'wouter';
import { Page } from '../../ui/pages/page';
import { takeDraft } from '../draft';
import { MissingParts } from '../view/missing-parts';
import { Editor } from './editor';
import css from './editor.module.css';
import { formOfDraft } from './form';

/** Kept while the page is loaded: the draft can be taken once, and React mounts components twice while it looks for faults. */
let current: ReturnType<typeof takeDraft>;

export function NewWorkflow() {
  const { t } = useTranslation('workflows');
  const [imported] = useState(() => {
    current = takeDraft() ?? current;
    return current && { ...current, form: formOfDraft(current.draft, current.name) };
  });
  if (!imported) return <Redirect to="/workflows" />;
  const { problems, missing } = imported.draft;
  return (
    <Page title={t('newTitle')} lead={t('newLead')} back={{ to: '/workflows', text: t('title') }}>
      {missing.length > 0 && <MissingParts missing={missing} />}
      {problems.length > 0 && (
        <div className={css.problems}>
          <p>{t('problems')}</p>
          <ul>
            {problems.map(({ nodeId, nodeType, message }) => (
              <li key={`${nodeId} ${message}`}>
                {nodeType && <code>{nodeType}</code>} {message}
              </li>
            ))}
          </ul>
        </div>
      )}
      <Editor initial={imported.form} />
    </Page>
  );
}
