/** Forms that the user has left before they were saved. */
import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';
import { buttonClass } from '../../ui/button';
import { ConfirmButton } from '../../ui/forms/confirm-button';
import { Section } from '../../ui/pages/page';
import { Row, Rows } from '../../ui/pages/rows';
import { useUnsaved } from '../unsaved';

export function UnsavedList() {
  const { t } = useTranslation('workflows');
  const unsaved = useUnsaved();
  const [workflows, setWorkflows] = useState(() => unsaved.list());
  if (workflows.length === 0) return null;
  return (
    <Section title={t('unsaved.title')} lead={t('unsaved.text')}>
      <Rows label={t('unsaved.title')}>
        {workflows.map(({ id, title, address }) => (
          <Row
            key={id}
            title={title}
            actions={
              <>
                <ConfirmButton
                  look="quiet"
                  icon={Trash2}
                  label={t('unsaved.discard')}
                  title={t('unsaved.discardTitle', { title })}
                  text={t('unsaved.discardText')}
                  run={async () => {
                    unsaved.delete(id);
                    setWorkflows(unsaved.list());
                    return undefined;
                  }}
                />
                <Link to={address} className={buttonClass('primary')} aria-label={t('unsaved.openNamed', { title })}>
                  <Pencil aria-hidden size={18} />
                  {t('unsaved.open')}
                </Link>
              </>
            }
          />
        ))}
      </Rows>
    </Section>
  );
}
