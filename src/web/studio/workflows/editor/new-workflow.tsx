/** A workflow that was imported, before it is saved. */
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Redirect } from 'wouter';
import { DraftProblems } from '../../import/draft-problems';
import { Page } from '../../ui/pages/page';
import { takeDraft } from '../draft';
import { MissingParts } from '../missing-parts';
import { NEW, useUnsaved } from '../unsaved';
import { Editor } from './editor';
import { formOfDraft } from './form';

export function NewWorkflow() {
  const { t } = useTranslation('workflows');
  const unsaved = useUnsaved();
  const [imported] = useState(() => {
    const taken = takeDraft();
    if (taken) unsaved.import(taken);
    const { imported } = unsaved;
    return imported && { draft: imported.draft, form: formOfDraft(imported.draft, imported.title) };
  });
  if (!imported) return <Redirect to="/workflows" />;
  const { problems, missing } = imported.draft;
  return (
    <Page title={t('newTitle')} lead={t('newLead')} back={{ to: '/workflows', text: t('title') }}>
      <MissingParts parts={missing} />
      <DraftProblems problems={problems} />
      <Editor id={NEW} initial={imported.form} />
    </Page>
  );
}
