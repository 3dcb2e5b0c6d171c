/** Edits the form of a workflow, and saves it as the next version of its name. */
import { Save } from 'lucide-react';
import { type FormEvent, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';
import { graphql, type VariablesOf } from '../../api/graphql';
import { Button } from '../../ui/button';
import { TextArea, TextField } from '../../ui/field';
import { useMutate } from '../../ui/forms/mutate';
import { useSubmit } from '../../ui/forms/submit';
import { Section } from '../../ui/pages/page';
import { ProblemNote } from '../../ui/problems/problem-note';
import { say } from '../../ui/toast';
import { useUnsaved } from '../unsaved';
import css from './editor.module.css';
import { faultOf } from './faults';
import { isSameForm, type WorkflowForm } from './form';
import { Inputs } from './inputs';
import { NAME_PATTERN, nameOf } from './names';
import { Outputs } from './outputs';

const SAVE = graphql(`
  mutation SaveWorkflow($input: SaveWorkflowInput!) {
    saveWorkflow(input: $input) { id name version }
  }
`);

type EditorProps = {
  id: string;
  initial: WorkflowForm;
  /** What is edited; undefined for a new workflow. */
  saved?: {
    name: string;
    /** Of the version that is edited. */
    address: string;
    /** Whether saving it as it is would change something: it is an earlier version, or of another user. */
    isWorthSaving: boolean;
  };
};

export function Editor({ id, initial, saved: edited }: EditorProps) {
  const { t } = useTranslation('workflows');
  const [, navigate] = useLocation();
  const unsaved = useUnsaved();
  const [form, setForm] = useState(() => ({ ...initial, ...unsaved.formOf(id) }));
  const isChanged = useMemo(() => !isSameForm(form, initial), [form, initial]);
  const save = useMutate(SAVE);
  const { isBusy, problem, submit, reset } = useSubmit();
  const change = (changed: Partial<WorkflowForm>) => {
    const next = { ...form, ...changed };
    if (isSameForm(next, initial)) unsaved.discard(id);
    else unsaved.change(id, next, edited?.address);
    setForm(next);
  };
  const discard = () => {
    unsaved.discard(id);
    setForm(initial);
    reset();
  };
  const fault = problem && faultOf(problem, form.inputs);
  const faultAt = (field: string) => (fault?.field === field ? fault.message : undefined);
  const hasPlace = fault && (['name', 'title', 'description', 'outputs'].includes(fault.field ?? '') || fault.key);

  const element = useRef<HTMLFormElement>(null);
  useEffect(() => {
    if (problem) element.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [problem]);

  function send(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    void submit(async () => {
      const { data, problem: found } = await save({ input: toInput(form) });
      const saved = data?.saveWorkflow;
      if (saved) {
        unsaved.delete(id);
        say(t('saved', { title: form.title || saved.name, version: saved.version }));
        navigate(`/workflows/${saved.name}`);
      }
      return found;
    });
  }

  return (
    <form ref={element} className={css.form} onSubmit={send}>
      <Section title={t('form.title')}>
        <div className={css.pair}>
          <TextField
            label={t('form.workflowTitle')}
            value={form.title}
            maxLength={200}
            problem={faultAt('title')}
            onChange={({ currentTarget: { value: title } }) =>
              // The name of a new one is made of its title, until the user writes another.
              change({ title, ...(!edited && form.name === nameOf(form.title) && { name: nameOf(title) }) })
            }
          />
          <TextField
            label={t('form.name')}
            hint={edited && form.name !== edited.name ? t('form.copyHint', { name: edited.name }) : t('form.nameHint')}
            value={form.name}
            pattern={NAME_PATTERN}
            autoCapitalize="off"
            spellCheck={false}
            required
            problem={faultAt('name')}
            onChange={(event) => change({ name: event.currentTarget.value })}
          />
        </div>
        <TextArea
          label={t('form.description')}
          value={form.description}
          maxLength={10_000}
          problem={faultAt('description')}
          onChange={(event) => change({ description: event.currentTarget.value })}
        />
      </Section>
      <Inputs graph={form.graph} inputs={form.inputs} fault={fault} onChange={(inputs) => change({ inputs })} />
      <Outputs outputs={form.outputs} problem={faultAt('outputs')} onChange={(outputs) => change({ outputs })} />
      <div className={css.foot} data-foot-bar>
        {!hasPlace && <ProblemNote problem={problem} texts={{ FORBIDDEN: t('forbidden') }} />}
        {hasPlace && (
          <p className={css.footFault} role="status">
            {t('form.hasFault')}
          </p>
        )}
        {isChanged && (
          <Button look="quiet" onClick={discard}>
            {t('form.discard')}
          </Button>
        )}
        <Button
          type="submit"
          look="primary"
          icon={Save}
          disabled={isBusy || !(isChanged || (edited?.isWorthSaving ?? true))}
        >
          {edited?.name === form.name ? t('form.saveNext') : t('form.save')}
        </Button>
      </div>
    </form>
  );
}

/** Empty texts count as absent. */
function toInput({ inputs, outputs, ...form }: WorkflowForm): VariablesOf<typeof SAVE>['input'] {
  return {
    ...form,
    inputs: inputs.map(({ key: _, also, choices, ...input }) => ({
      ...input,
      also: [...also],
      choices: choices && [...choices],
    })),
    outputs: outputs.filter(({ isKept }) => isKept).map(({ nodeId, name, title }) => ({ nodeId, name, title })),
  };
}
