/** The inputs of a workflow, in the order of its form. */
import { Plus } from 'lucide-react';
import { useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button';
import { Section } from '../../ui/pages/page';
import { Nothing } from '../../ui/pages/rows';
import { ProblemWords } from '../../ui/problems/problem-note';
import { AddInput } from './add-input';
import css from './editor.module.css';
import type { Fault } from './faults';
import { type Graph, type InputForm, newInput, type Place } from './form';
import { InputCard } from './input-card';

type InputsProps = {
  graph: Graph;
  inputs: readonly InputForm[];
  fault: Fault | undefined;
  onChange(inputs: readonly InputForm[]): void;
};

export function Inputs({ graph, inputs, fault, onChange }: InputsProps) {
  const { t } = useTranslation('workflows');
  const [openKey, setOpenKey] = useState<string>();
  const [isAdding, setIsAdding] = useState(false);
  const [moved, setMoved] = useState('');
  const list = useRef<HTMLOListElement>(null);

  function move(index: number, to: number) {
    const input = inputs[index];
    if (!input || to < 0 || to >= inputs.length) return;
    const focused = document.activeElement;
    const rest = inputs.filter((each) => each !== input);
    flushSync(() => {
      onChange([...rest.slice(0, to), input, ...rest.slice(to)]);
      setMoved(t('inputs.moved', { title: input.title || input.name, position: to + 1, count: inputs.length }));
    });
    // An element loses the focus when it moves in the document.
    if (focused instanceof HTMLElement) focused.focus();
  }

  function remove(index: number) {
    flushSync(() => onChange(inputs.filter((_, each) => each !== index)));
    const cards = list.current?.querySelectorAll<HTMLElement>('[aria-expanded]');
    cards?.[Math.min(index, cards.length - 1)]?.focus();
  }

  function add(place: Place) {
    const added = newInput(place, inputs);
    onChange([...inputs, added]);
    setOpenKey(added.key);
    setIsAdding(false);
  }

  return (
    <Section
      title={t('inputs.title')}
      lead={t('inputs.lead')}
      actions={
        <Button icon={Plus} onClick={() => setIsAdding(true)}>
          {t('inputs.add')}
        </Button>
      }
    >
      {isAdding && <AddInput graph={graph} inputs={inputs} onAdd={add} onClose={() => setIsAdding(false)} />}
      {fault?.field === 'inputs' && !fault.key && <ProblemWords>{fault.message}</ProblemWords>}
      {inputs.length === 0 && <Nothing>{t('inputs.none')}</Nothing>}
      <ol ref={list} className={css.inputs}>
        {inputs.map((input, index) => (
          <InputCard
            key={input.key}
            graph={graph}
            input={input}
            isFirst={index === 0}
            isLast={index === inputs.length - 1}
            isOpen={openKey === input.key || fault?.key === input.key}
            fault={fault?.key === input.key ? fault : undefined}
            onToggle={() => setOpenKey(openKey === input.key ? undefined : input.key)}
            onChange={(changed) => onChange(inputs.map((each) => (each === input ? { ...each, ...changed } : each)))}
            onMove={(by) => move(index, index + by)}
            onRemove={() => remove(index)}
          />
        ))}
      </ol>
      <p className="visually-hidden" role="status">
        {moved}
      </p>
    </Section>
  );
}
