/** The form of one workflow, which makes generations. */
import { RotateCcw } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Problem } from '../api/errors';
import { useWorkflowWords } from '../generation/use-workflow-words';
import { Button } from '../ui/button';
import { Switch } from '../ui/inputs/switch';
import { useProblemText } from '../ui/problems/use-problem-text';
import { say } from '../ui/toast';
import { MissingParts } from '../workflows/missing-parts';
import css from './create.module.css';
import { InputForm } from './fields/input-form';
import { usePresets } from './fields/use-presets';
import { toCreateInput, toParameters } from './inputs/parameters';
import { forgetValues, storeValues } from './inputs/stored-values';
import { useForm } from './inputs/use-form';
import { asText, defaultValues, type Values } from './inputs/values';
import { BackendNotice } from './run/backend-notice';
import { RunBar } from './run/run-bar';
import { onSubmitKeys } from './run/submit-keys';
import { useRun } from './run/use-run';
import type { FormWorkflow } from './workflows/queries';

/** One click must not fill the queue. */
const MAX_TOTAL = 100;

type WorkflowFormProps = {
  workflow: FormWorkflow;
  initial: Values;
  viewerId: string;
  /** Called with each change. */
  onValues(values: Values): void;
  /** Called when generations are about to be created. */
  onRun(): void;
};

export function WorkflowForm({ workflow, initial, viewerId, onValues, onRun }: WorkflowFormProps) {
  const { t } = useTranslation(['create', 'generation']);
  const bar = useRef<HTMLDivElement>(null);
  const wordsOf = useWorkflowWords();
  const explain = useProblemText();
  const { name, inputs } = workflow;
  const { form, ref, reset, check, show } = useForm(inputs, initial, repaintsTransparent(workflow));
  const { run, problem, clear } = useRun();
  const [count, setCount] = useState(1);
  const [isList, setIsList] = useState(false);
  const { values } = form;
  const presets = usePresets(workflow, values);
  const prompts = isList ? linesOf(values.prompt) : [];
  const total = count * Math.max(1, prompts.length);
  const isAt = ({ field }: Problem) => inputs.some((input) => input.name === field);
  const wordsFor = (found: Problem) => (found.field === 'workflow' ? t('workflowGone') : explain(found));
  const tooMany = total > MAX_TOTAL ? t('run.tooMany', { max: MAX_TOTAL }) : undefined;

  useEffect(() => {
    onValues(values);
    storeValues(viewerId, name, changedValues(inputs, values));
  }, [onValues, viewerId, name, inputs, values]);

  async function submit() {
    clear();
    const all = prompts.length > 0 ? prompts.map((prompt) => ({ ...values, prompt })) : [values];
    if (tooMany) return;
    for (const each of all) if (!(await check(each))) return;
    onRun();
    const repeated = all.flatMap((each) => Array.from({ length: count }, () => each));
    const found = await run(repeated.map((each) => toCreateInput(name, inputs, toParameters(inputs, each))));
    if (!found) return;
    show(found);
    // The list below the form is in sight now.
    if (!isAt(found))
      requestAnimationFrame(() => bar.current?.scrollIntoView({ block: 'nearest', behavior: 'instant' }));
  }

  function resetAll() {
    forgetValues(viewerId, name);
    reset({ ...defaultValues(inputs), ...textsOf(inputs, values) });
    clear();
    say(t('resetDone'), {
      undo: {
        label: t('generation:undo'),
        keys: t('generation:undoKeys'),
        run() {
          reset(values);
          // The form may be gone.
          storeValues(viewerId, name, changedValues(inputs, values));
        },
      },
    });
  }

  return (
    <form
      ref={ref}
      className={css.fields}
      aria-label={wordsOf(workflow).title}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={onSubmitKeys(submit)}
      noValidate
    >
      <MissingParts parts={workflow.missing} />
      <InputForm form={{ ...form, presets }} />
      {inputs.some((input) => input.name === 'prompt' && input.type === 'STRING') && (
        <Switch label={t('run.list')} hint={t('run.listHint')} isOn={isList} onChange={setIsList} />
      )}
      <Button look="quiet" icon={RotateCcw} className={css.reset} onClick={resetAll}>
        {t('reset')}
      </Button>
      <BackendNotice />
      <RunBar
        ref={bar}
        count={count}
        onCount={setCount}
        total={total}
        problem={tooMany ?? (problem && !isAt(problem) ? wordsFor(problem) : undefined)}
        onRun={submit}
      />
    </form>
  );
}

const linesOf = (prompt: unknown): string[] =>
  (asText(prompt) ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** What was written takes longest to write again. */
const textsOf = (inputs: FormWorkflow['inputs'], values: Values): Values =>
  Object.fromEntries(
    inputs.flatMap(({ name, isMultiline }) =>
      isMultiline && values[name] !== undefined ? [[name, values[name]]] : [],
    ),
  );

/** The API does not say it: the built-in ones are named so, and authors name theirs so. */
const repaintsTransparent = ({ name, title, inputs }: FormWorkflow): boolean =>
  /inpaint/i.test(`${name} ${title}`) && !inputs.some(({ type }) => type === 'MASK');

function changedValues(inputs: FormWorkflow['inputs'], values: Values): Values {
  const presets = defaultValues(inputs.filter(({ type }) => type !== 'SEED'));
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(presets[name])),
  );
}
