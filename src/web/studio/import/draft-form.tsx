/** An imported workflow: its form, to run it once or to save it. */
import { Play, Save } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { InputForm } from '../create/fields/input-form';
import { toParameters } from '../create/inputs/parameters';
import { useForm } from '../create/inputs/use-form';
import { defaultValues, parseValues } from '../create/inputs/values';
import { onSubmitKeys } from '../create/run/submit-keys';
import { useRun } from '../create/run/use-run';
import { SHOW_LIVE } from '../create/show-live';
import { navigate } from '../shell/hash-location';
import { Button } from '../ui/button';
import { formatTime } from '../ui/formats';
import { ProblemNote } from '../ui/problems/problem-note';
import { type Draft, editDraft } from '../workflows/draft';
import { MissingParts } from '../workflows/missing-parts';
import { formInputs, readsTransparency, seedsOf, toAllPlaces, withDefaults } from './draft-inputs';
import { DraftProblems } from './draft-problems';
import css from './import.module.css';
import { proposedTitle } from './proposed-title';

type DraftFormProps = {
  draft: Draft;
  name: string;
  /** Those of an earlier run, by `nodeId.input`. */
  values: Record<string, unknown>;
  /** Whether it is an earlier run, with the seeds that it had. */
  isAgain: boolean;
  onUseAsInput: (() => void) | undefined;
  onClose(): void;
};

export function DraftForm({ draft, name, values, isAgain, onUseAsInput, onClose }: DraftFormProps) {
  const { t, i18n } = useTranslation('import');
  const [inputs, initial] = useMemo(() => {
    const found = formInputs(draft);
    const constants = isAgain ? seedsOf(found) : {};
    return [found, { ...defaultValues(found), ...constants, ...parseValues(found, values) }] as const;
  }, [draft, values, isAgain]);
  const { form, ref, check, show } = useForm(inputs, initial, readsTransparency(draft));
  const { run, problem, isRunning, clear } = useRun();

  // Another model can be chosen; a node cannot.
  const cannotRun = draft.missing.some(({ kind }) => kind === 'NODE');

  async function runOnce() {
    clear();
    if (cannotRun) return;
    if (!(await check())) return;
    const others = Object.entries(values).filter(([place]) => !inputs.some((input) => input.name === place));
    const parameters = { ...Object.fromEntries(others), ...toParameters(inputs, form.values) };
    const found = await run([{ graph: draft.graph, parameters: toAllPlaces(draft, parameters) }]);
    if (found) {
      show(found);
      return;
    }
    onClose();
    navigate('/', { state: SHOW_LIVE });
  }

  function save() {
    onClose();
    const now = formatTime(new Date().toISOString(), i18n.language);
    editDraft(withDefaults(draft, form.values), proposedTitle(name, draft) ?? t('untitled', { time: now }));
  }

  const isAtField = problem && inputs.some((input) => input.name === problem.field);
  return (
    <form
      ref={ref}
      className={css.draft}
      onSubmit={(event) => event.preventDefault()}
      onKeyDown={onSubmitKeys(runOnce)}
      noValidate
    >
      <MissingParts parts={draft.missing} />
      <DraftProblems problems={draft.problems} />
      {inputs.length > 0 ? <InputForm form={form} /> : <p className={css.faint}>{t('noInputs')}</p>}
      <div className={css.actions}>
        <ProblemNote problem={isAtField ? undefined : problem} />
        {onUseAsInput && (
          <Button look="quiet" onClick={onUseAsInput}>
            {t('useAsInput')}
          </Button>
        )}
        <Button icon={Save} onClick={save}>
          {t('save')}
        </Button>
        <Button look="primary" icon={Play} disabled={isRunning || cannotRun} onClick={runOnce}>
          {t('run')}
        </Button>
      </div>
    </form>
  );
}
