/** How many, and the button that makes them. */
import { WandSparkles } from 'lucide-react';
import { type RefObject, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from '../../ui/button';
import { NumberField } from '../../ui/inputs/number-field';
import { ProblemWords } from '../../ui/problems/problem-note';
import css from './run.module.css';

const MAX_COUNT = 20;

type RunBarProps = {
  ref: RefObject<HTMLDivElement | null>;
  /** Of each prompt. */
  count: number;
  onCount(count: number): void;
  /** How many generations the button makes. */
  total: number;
  problem: string | undefined;
  onRun(): void;
};

export function RunBar({ ref, count, onCount, total, problem, onRun }: RunBarProps) {
  const { t } = useTranslation('create');
  const id = useId();
  return (
    <div ref={ref} className={css.bar} data-foot-bar="beside">
      {problem && <ProblemWords>{problem}</ProblemWords>}
      <div className={css.run}>
        <label className={css.label} htmlFor={id}>
          {t('run.count')}
        </label>
        <NumberField
          id={id}
          value={count}
          onChange={(next) => next !== null && Number.isInteger(next) && onCount(clamp(next))}
          min={1}
          max={MAX_COUNT}
          step={1}
          steps={{ less: t('run.less'), more: t('run.more') }}
        />
        <Button look="primary" wide icon={WandSparkles} onClick={onRun} title={t('run.keys')}>
          {total > 1 ? t('run.several', { total }) : t('run.one')}
        </Button>
      </div>
    </div>
  );
}

const clamp = (count: number): number => Math.min(MAX_COUNT, Math.max(1, count));
