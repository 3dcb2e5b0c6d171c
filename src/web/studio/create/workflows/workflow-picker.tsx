/** The chosen workflow, and the cards of all others. */
import { ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useWorkflowWords } from '../../generation/use-workflow-words';
import { Dialog } from '../../ui/dialog';
import { SearchField } from '../../ui/forms/search-field';
import { isBuiltIn, type WorkflowChoice } from './queries';
import { WorkflowCard, WorkflowIcon } from './workflow-card';
import css from './workflows.module.css';

type WorkflowPickerProps = {
  workflows: readonly WorkflowChoice[];
  chosen: WorkflowChoice;
  viewerId: string;
  /** Called when the cards are shown: a ComfyUI that came online may have brought workflows. */
  onOpen(): void;
  onChoose(workflow: WorkflowChoice): void;
};

const SECTIONS = ['own', 'shared', 'builtIn'] as const;

export function WorkflowPicker({ workflows, chosen, viewerId, onOpen, onChoose }: WorkflowPickerProps) {
  const { t } = useTranslation('create');
  const [isOpen, setIsOpen] = useState(false);
  const [words, setWords] = useState('');
  const wordsOf = useWorkflowWords();
  const open = () => {
    setIsOpen(true);
    onOpen();
  };
  const found = workflows.filter((workflow) => matches({ ...workflow, ...wordsOf(workflow) }, words));
  const sections = Map.groupBy(found, (workflow) => {
    if (isBuiltIn(workflow)) return 'builtIn';
    return workflow.owner?.id === viewerId ? 'own' : 'shared';
  });
  return (
    <>
      <button type="button" className={css.chosen} onClick={open}>
        <WorkflowIcon workflow={chosen} />
        <span className={css.words}>
          <span className="visually-hidden">{t('workflow.chosen')} </span>
          <strong>{wordsOf(chosen).title}</strong>
        </span>
        <span className={css.change}>
          {t('workflow.change')}
          <ChevronRight aria-hidden size={18} />
        </span>
      </button>
      <Dialog isOpen={isOpen} isWide onClose={() => setIsOpen(false)} title={t('workflow.choose')}>
        <SearchField label={t('search')} value={words} onChange={setWords} />
        <div className={css.sections}>
          {SECTIONS.map((section) => {
            const cards = sections.get(section) ?? [];
            return (
              cards.length > 0 && (
                <section key={section} className={css.section}>
                  <h3>{t(`workflow.${section}`)}</h3>
                  <ul className={css.cards}>
                    {cards.map((workflow) => (
                      <li key={workflow.id}>
                        <WorkflowCard
                          workflow={workflow}
                          isChosen={workflow.id === chosen.id}
                          onChoose={() => {
                            setIsOpen(false);
                            onChoose(workflow);
                          }}
                        />
                      </li>
                    ))}
                  </ul>
                </section>
              )
            );
          })}
          {found.length === 0 && <p className={css.none}>{t('nothingFound')}</p>}
        </div>
      </Dialog>
    </>
  );
}

type Described = Pick<WorkflowChoice, 'name' | 'title'> & { description: string | undefined };

const matches = ({ name, title, description }: Described, words: string): boolean =>
  words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => `${name} ${title} ${description ?? ''}`.toLowerCase().includes(word));
