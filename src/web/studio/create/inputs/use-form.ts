/** The state of a form. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import type { Problem } from '../../api/errors';
import { useProblemText } from '../../ui/problems/use-problem-text';
import type { Form } from '../fields/form';
import { readFiles } from '../files/read-file';
import { unmarkedPicture } from '../files/unmarked';
import type { FormInput } from './form-input';
import { useSentence } from './use-sentence';
import { validate } from './validate';
import type { Value, Values } from './values';

type UseForm = {
  form: Form;
  reset(values: Values): void;
  /** Shows what is wrong with the values, and moves the focus there. @returns whether all are right */
  check(values?: Values): Promise<boolean>;
  /** Shows a problem of the API beside its field, if there is one. */
  show(problem: Problem): void;
  /** Of the element that contains the fields. */
  ref: React.RefObject<HTMLFormElement | null>;
};

/** @param initial may name files by their ids alone: the form reads what they are */
export function useForm(inputs: readonly FormInput[], initial: Values, repaintsTransparent: boolean): UseForm {
  const client = useClient();
  const { t } = useTranslation('create');
  const toSentence = useSentence();
  const explain = useProblemText();
  const fileGone = useEffectEvent(() => t('file.gone'));
  // A later answer of the API brings equal values as new objects: the form goes on with those that it began with.
  const [first] = useState(initial);
  const readFirst = useEffectEvent(() => readFiles(client, inputs, first));
  const ref = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(first);
  const [problems, setProblems] = useState<Record<string, string>>({});

  useEffect(() => {
    let isCurrent = true;
    void readFirst().then((known) => {
      if (!isCurrent) return;
      const gone = Object.keys(first).filter((name) => known[name] === undefined);
      const found = Object.fromEntries(gone.map((name) => [name, fileGone()]));
      setProblems((now) => ({ ...found, ...now }));
      // What was changed meanwhile stays.
      setValues((now) =>
        Object.fromEntries(
          Object.entries(now).flatMap(([name, value]) => {
            const next = value === first[name] ? known[name] : value;
            return next === undefined ? [] : [[name, next]];
          }),
        ),
      );
    });
    return () => {
      isCurrent = false;
    };
  }, [first]);

  const showAll = (found: Record<string, string>): boolean => {
    setProblems(found);
    const [first] = inputs.filter(({ name }) => found[name]);
    // A folded field is there after the next rendering.
    if (first) requestAnimationFrame(() => focusInput(ref.current, first.name));
    return first === undefined;
  };

  return {
    ref,
    form: {
      inputs,
      values,
      problems,
      repaintsTransparent,
      set(name: string, value: Value | undefined) {
        setValues(({ [name]: _, ...rest }) => (value === undefined ? rest : { ...rest, [name]: value }));
        setProblems(({ [name]: _, ...rest }) => rest);
      },
    },
    reset(next) {
      setValues(next);
      setProblems({});
    },
    async check(checked = values) {
      const found = Object.fromEntries(
        Object.entries(validate(inputs, checked)).map(([name, each]) => [name, toSentence(each)]),
      );
      const isWhole = Object.keys(found).length === 0;
      const unmarked = isWhole && repaintsTransparent ? await unmarkedPicture(inputs, checked) : undefined;
      return showAll(unmarked ? { [unmarked]: t('mask.first') } : found);
    },
    show(problem) {
      const input = inputs.find(({ name }) => name === problem.field);
      if (input) showAll({ [input.name]: explain(problem) });
    },
  };
}

function focusInput(form: HTMLElement | null, name: string): void {
  const field = form?.querySelector(`[data-input="${CSS.escape(name)}"]`);
  field?.querySelector<HTMLElement>('textarea, input:not([hidden]):not([type="range"]), button')?.focus();
}
