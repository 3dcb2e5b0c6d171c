/** The fields of a form: in their groups, with those that few people need folded away. */
import { Collapsible } from '@base-ui/react/collapsible';
import { ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FormInput } from '../inputs/form-input';
import css from './fields.module.css';
import type { Form } from './form';
import { InputField } from './input-field';
import { Proportions } from './proportions';

export function InputForm({ form }: { form: Form }) {
  const { t } = useTranslation('create');
  const [isOpen, setIsOpen] = useState(false);
  const advanced = form.inputs.filter(({ isAdvanced }) => isAdvanced);
  const groups = Map.groupBy(
    form.inputs.filter(({ isAdvanced }) => !isAdvanced),
    ({ group }) => group,
  );
  // A problem must not hide.
  const hasProblem = advanced.some(({ name }) => form.problems[name]);
  return (
    <div className={css.section}>
      {[...groups].map(([group, inputs]) => (
        <Group key={group} name={group} inputs={inputs} form={form} />
      ))}
      {advanced.length > 0 && (
        <Collapsible.Root open={isOpen || hasProblem} onOpenChange={setIsOpen}>
          <Collapsible.Trigger className={css.fold ?? ''}>
            <ChevronRight aria-hidden size={18} />
            {t('advanced')}
          </Collapsible.Trigger>
          <Collapsible.Panel className={css.panel ?? ''}>
            <Group name={null} inputs={advanced} form={form} />
          </Collapsible.Panel>
        </Collapsible.Root>
      )}
    </div>
  );
}

type GroupProps = { name: string | null; inputs: readonly FormInput[]; form: Form };

function Group({ name, inputs, form }: GroupProps) {
  const [width, height] = ['width', 'height'].map((side) => inputs.find((input) => isSide(input, side)));
  const isPair = width !== undefined && height !== undefined;
  return (
    <>
      {name && <h2 className={css.heading}>{name}</h2>}
      <div className={css.form}>
        {inputs.map((input) => {
          const isCompact = isPair && (input === width || input === height);
          return (
            <Fragment key={input.name}>
              <div className={isCompact ? css.half : undefined} data-input={input.name}>
                <InputField input={input} form={form} isCompact={isCompact} />
              </div>
              {isPair && input === height && <Proportions width={width} height={height} form={form} />}
            </Fragment>
          );
        })}
      </div>
    </>
  );
}

/** @param side `width` also names the `5.width` of a graph */
const isSide = ({ name, type }: FormInput, side: string): boolean => type === 'INT' && name.split('.').at(-1) === side;
