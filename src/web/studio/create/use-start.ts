/** What the form starts with: the workflow that was chosen last or brought here, and the values for it. */
import { useCallback, useEffect, useEffectEvent, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient, useQuery } from 'urql';
import { say } from '../ui/toast';
import { resolveFile } from './bring-in';
import { resolveSettings } from './bring-settings';
import { useInputWords } from './fields/use-words';
import { onIncoming, takeIncoming } from './incoming';
import { presentBuiltIn } from './inputs/presentation';
import { readValues } from './inputs/stored-values';
import { defaultValues, parseValues, type Values } from './inputs/values';
import { firstWorkflow, storeChoice } from './workflows/choose-workflow';
import { FORM_WORKFLOW, type FormWorkflow, isBuiltIn, WORKFLOWS, type WorkflowChoice } from './workflows/queries';

/** Values that a user expects to find again in another workflow. */
const CARRIED = ['prompt', 'negativePrompt', 'source'];

/** Somebody reads it who looks at the form. */
const NOTE_MS = 15_000;

export type Start = {
  workflow: WorkflowChoice;
  values: Record<string, unknown>;
  /** Whether the values are all of them: then those of an earlier visit do not count. */
  isWhole: boolean;
};

type UseStart = {
  workflows: readonly WorkflowChoice[];
  choice: WorkflowChoice | undefined;
  choose(workflow: WorkflowChoice): void;
  /** Reads the workflows again. */
  reread(): void;
  viewerId: string;
  /** Undefined until it is known. */
  form: { key: string; workflow: FormWorkflow; initial: Values } | undefined;
  onValues(values: Values): void;
  hasFailed: boolean;
};

export function useStart(): UseStart {
  const { t } = useTranslation('create');
  const client = useClient();
  const wordsOf = useInputWords();
  const [{ data, error }, read] = useQuery({ query: WORKFLOWS });
  const workflows = data?.workflows ?? [];
  const viewerId = data?.viewer?.id ?? '';
  const [start, setStart] = useState<Start & { count: number }>();
  const latest = useRef<Values>({});
  // A newer version may have appeared under the name.
  const name = start?.workflow.name;
  const choice = workflows.find((workflow) => workflow.name === name) ?? firstWorkflow(workflows, viewerId);
  const form = useFormWorkflow(choice, viewerId, start);

  const begin = (next: Start) => {
    storeChoice(viewerId, next.workflow.name);
    setStart((before) => ({ ...next, count: (before?.count ?? 0) + 1 }));
  };
  const bringIn = useEffectEvent(async () => {
    const incoming = takeIncoming();
    if (!incoming) return;
    if (incoming.kind === 'file') {
      const found = await resolveFile(client, incoming, workflows, choice);
      if (found) begin(found);
      else say(t('fileGone'), { type: 'problem' });
      return;
    }
    const { start: found, isGone, version, lost } = await resolveSettings(client, incoming, workflows);
    if (found) begin(found);
    if (isGone) say(t('settingsGone'), { type: 'problem' });
    const notes = [
      version !== undefined && t('settingsOlder', { version }),
      lost.length > 0 && t('settingsLost', { names: lost.map((input) => wordsOf(input).label).join(', ') }),
    ].filter(Boolean);
    if (notes.length > 0) say(notes.join(' '), { timeout: NOTE_MS });
  });
  const isReady = workflows.length > 0;
  useEffect(() => {
    if (!isReady) return;
    void bringIn();
    return onIncoming(() => void bringIn());
  }, [isReady]);

  return {
    workflows,
    choice,
    viewerId,
    form,
    reread: () => read({ requestPolicy: 'network-only' }),
    hasFailed: error !== undefined && !data,
    choose(workflow) {
      const carried = Object.entries(latest.current).filter(([name]) => CARRIED.includes(name));
      begin({ workflow, values: Object.fromEntries(carried), isWhole: false });
    },
    onValues: useCallback((values) => {
      latest.current = values;
    }, []),
  };
}

function useFormWorkflow(
  choice: WorkflowChoice | undefined,
  viewerId: string,
  start: (Start & { count: number }) | undefined,
): UseStart['form'] {
  const [{ data }] = useQuery({ query: FORM_WORKFLOW, variables: { id: choice?.id ?? '' }, pause: !choice });
  const read = data?.workflow;
  const workflow = read?.id === choice?.id ? read : undefined;
  // Compared as text: a second answer of the same content must not begin the form anew.
  const content = workflow && JSON.stringify(workflow.inputs);
  return useMemo(() => {
    if (!workflow || !content) return undefined;
    const given = JSON.parse(content) as FormWorkflow['inputs'];
    const inputs = isBuiltIn(workflow) ? presentBuiltIn(workflow.name, given) : given;
    const initial = {
      ...defaultValues(inputs),
      ...(start?.isWhole ? {} : readValues(viewerId, workflow.name, inputs)),
      ...parseValues(inputs, start?.values ?? {}),
    };
    return { key: `${workflow.id} ${start?.count}`, workflow: { ...workflow, inputs }, initial };
  }, [workflow, content, viewerId, start]);
}
