/** Makes generations: the form, and what becomes of them beside it. */
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ImportButton } from '../import/import-button';
import { LiveList } from '../live/live-list';
import { Waiting } from '../ui/waiting';
import { CardMenu } from './card-menu';
import css from './create.module.css';
import { useShowLive } from './show-live';
import { useStart } from './use-start';
import { WorkflowForm } from './workflow-form';
import { WorkflowPicker } from './workflows/workflow-picker';

export default function CreateRoom() {
  const { t } = useTranslation(['create', 'shell']);
  const live = useRef<HTMLDivElement>(null);
  const { show, keepPlace } = useShowLive(live);
  const { choice, choose, reread, workflows, form, viewerId, onValues, hasFailed } = useStart();
  return (
    <div className={css.room}>
      <section className={css.side} aria-labelledby="create-title">
        <div className={css.head}>
          <h1 id="create-title">{t('title')}</h1>
          <ImportButton look="quiet" text={t('import')} />
        </div>
        {choice && (
          <WorkflowPicker workflows={workflows} chosen={choice} viewerId={viewerId} onOpen={reread} onChoose={choose} />
        )}
        {form ? (
          <WorkflowForm
            key={form.key}
            workflow={form.workflow}
            initial={form.initial}
            viewerId={viewerId}
            onValues={onValues}
            onRun={show}
          />
        ) : hasFailed ? (
          <p role="alert">{t('shell:error.NETWORK')}</p>
        ) : (
          <Waiting />
        )}
      </section>
      <div ref={live} className={css.live} onClickCapture={keepPlace}>
        <LiveList Menu={CardMenu} />
      </div>
    </div>
  );
}
