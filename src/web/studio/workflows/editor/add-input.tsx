/** Chooses a constant of the graph that becomes an input. */
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Dialog } from '../../ui/dialog';
import { SearchField } from '../../ui/forms/search-field';
import { Nothing } from '../../ui/pages/rows';
import css from './editor.module.css';
import type { Graph, InputForm, Place } from './form';
import { freeConstants, keyOf } from './graph';

type AddInputProps = {
  graph: Graph;
  inputs: readonly InputForm[];
  onAdd(place: Place): void;
  onClose(): void;
};

/** More would not be read: the search finds the others. */
const MAX_SHOWN = 100;

export function AddInput({ graph, inputs, onAdd, onClose }: AddInputProps) {
  const { t } = useTranslation('workflows');
  const [words, setWords] = useState('');
  const sought = useDeferredValue(words).trim().toLowerCase();
  const found = freeConstants(graph, inputs).filter(({ node, input, value }) =>
    `${node} ${input} ${value}`.toLowerCase().includes(sought),
  );
  return (
    <Dialog isOpen onClose={onClose} title={t('inputs.add')} description={t('inputs.addLead')}>
      <SearchField label={t('inputs.find')} value={words} onChange={setWords} />
      {found.length === 0 && <Nothing>{t('inputs.nothingFree')}</Nothing>}
      <ul className={css.constants}>
        {found.slice(0, MAX_SHOWN).map(({ nodeId, input, node, value }) => (
          <li key={keyOf({ nodeId, input })}>
            <button type="button" className={css.constant} onClick={() => onAdd({ nodeId, input })}>
              <span>
                {node} · <strong>{input}</strong>
              </span>
              <span className={css.value}>{String(value)}</span>
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
