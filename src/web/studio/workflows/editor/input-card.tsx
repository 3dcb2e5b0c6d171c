/** One input in the editor: its title to see, its settings to open. */
import { ArrowDown, ArrowUp, ChevronDown, ChevronRight, Trash2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button';
import { Badge } from '../../ui/pages/rows';
import css from './editor.module.css';
import type { Fault } from './faults';
import type { Graph, InputForm } from './form';
import { nodeTitle } from './graph';
import { InputSettings } from './input-settings';

type InputCardProps = {
  graph: Graph;
  input: InputForm;
  isFirst: boolean;
  isLast: boolean;
  isOpen: boolean;
  fault: Fault | undefined;
  onToggle(): void;
  onChange(changed: Partial<InputForm>): void;
  /** @param by 1 for down, -1 for up */
  onMove(by: number): void;
  onRemove(): void;
};

export function InputCard({
  graph,
  input,
  isFirst,
  isLast,
  isOpen,
  fault,
  onToggle,
  onChange,
  onMove,
  onRemove,
}: InputCardProps) {
  const { t } = useTranslation('workflows');
  const title = input.title || input.name;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <li className={css.input} data-fault={fault !== undefined}>
      <div className={css.inputHead}>
        <button type="button" className={css.toggle} aria-expanded={isOpen} onClick={onToggle}>
          <Chevron aria-hidden size={18} />
          <span className={css.inputTitle}>
            <strong>{title}</strong>
            <span className={css.place}>
              {nodeTitle(graph, input.nodeId)} · {input.input}
              {input.also.length > 0 && ` ${t('inputs.also', { count: input.also.length })}`}
            </span>
          </span>
        </button>
        <div className={css.badges}>
          {input.type && <Badge>{t(`types.${input.type}`)}</Badge>}
          {input.isAdvanced && <Badge>{t('inputs.advanced')}</Badge>}
        </div>
        <div className={css.moves}>
          <IconButton
            icon={ArrowUp}
            label={t('inputs.up', { title })}
            aria-disabled={isFirst}
            onClick={() => onMove(-1)}
          />
          <IconButton
            icon={ArrowDown}
            label={t('inputs.down', { title })}
            aria-disabled={isLast}
            onClick={() => onMove(1)}
          />
          <IconButton icon={Trash2} label={t('inputs.remove', { title })} onClick={onRemove} />
        </div>
      </div>
      {isOpen && <InputSettings graph={graph} input={input} fault={fault} onChange={onChange} />}
    </li>
  );
}
