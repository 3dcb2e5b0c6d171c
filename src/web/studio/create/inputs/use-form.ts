/** The state of a form. */
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useClient } from 'urql';
import type { Problem } from '../../api/errors';
import type { Form } from '../fields/form';
import { readFiles } from '../files/read-file';
import type { FormInput } from './form-input';
import { type ValueProblem, validate } from './validate';
import type { Value, Values } from './values';

type UseForm = {
  form: Form;
  reset(values: Values): void;
  /** Shows what is wrong with the values, and moves the focus there. @returns whether all are right */
  check(values?: Values): boolean;
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
  const fileGone = useEffectEvent(() => t('file.gone'));
  const ref = useRef<HTMLFormElement>(null);
  const [values, setValues] = useState(initial);
  const [problems, setProblems] = useState<Record<string, string>>({});

  useEffect(() => {
    let isCurrent = true;
    void readFiles(client, inputs, initial).then((known) => {
      if (!isCurrent) return;
      const gone = Object.keys(initial).filter((name) => known[name] === undefined);
      setProblems((now) => ({ ...Object.fromEntries(gone.map((name) => [name, fileGone()])), ...now }));
      // What was changed meanwhile stays.
      setValues((now) =>
        Object.fromEntries(
          Object.entries(now).flatMap(([name, value]) => {
            const next = value === initial[name] ? known[name] : value;
            return next === undefined ? [] : [[name, next]];
          }),
        ),
      );
    });
    return () => {
      isCurrent = false;
    };
  }, [client, inputs, initial]);

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
    check: (checked = values) =>
      showAll(
        Object.fromEntries(Object.entries(validate(inputs, checked)).map(([name, each]) => [name, toSentence(each)])),
      ),
    show({ field, message }) {
      const input = inputs.find(({ name }) => name === field);
      if (input) showAll({ [input.name]: message });
    },
  };
}

function focusInput(form: HTMLElement | null, name: string): void {
  const field = form?.querySelector(`[data-input="${CSS.escape(name)}"]`);
  field?.querySelector<HTMLElement>('textarea, input:not([hidden]):not([type="range"]), button')?.focus();
}

function useSentence(): (problem: ValueProblem) => string {
  const { t } = useTranslation('create');
  return (problem) => {
    const { kind, ...numbers } = problem;
    return t(`problem.${kind}`, numbers);
  };
}
