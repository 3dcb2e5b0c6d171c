/** Sets width and height together: to usual proportions with about as many pixels as now, or swapped. */
import { ArrowLeftRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { IconButton } from '../../ui/button';
import type { FormInput } from '../inputs/form-input';
import { nearest } from '../inputs/validate';
import { asNumber } from '../inputs/values';
import css from './fields.module.css';
import type { Form } from './form';

const PROPORTIONS = [
  [1, 1],
  [3, 2],
  [2, 3],
  [16, 9],
  [9, 16],
] as const;

/** Where nothing says the size, such as one that follows the source. */
const USUAL_PIXELS = 1024 ** 2;

type ProportionsProps = { width: FormInput; height: FormInput; form: Form };

export function Proportions({ width, height, form }: ProportionsProps) {
  const { t } = useTranslation('create');
  const lengthOf = ({ name, default: preset }: FormInput) =>
    asNumber(form.values[name]) ?? asNumber(preset) ?? asNumber(form.presets?.[name]);
  const [wide, high] = [lengthOf(width), lengthOf(height)];
  const set = (nextWide: number, nextHigh: number) => {
    form.set(width.name, nearest(width, nextWide));
    form.set(height.name, nearest(height, nextHigh));
  };
  const sizeOf = (ratio: number): [number, number] => {
    const long = Math.sqrt((wide && high ? wide * high : USUAL_PIXELS) * ratio);
    return [long, long / ratio];
  };
  const isNow = ([nextWide, nextHigh]: [number, number]) =>
    nearest(width, nextWide) === wide && nearest(height, nextHigh) === high;
  return (
    <fieldset className={css.proportions} aria-label={t('proportions.label')}>
      {PROPORTIONS.map(([across, down]) => (
        <button
          key={`${across}:${down}`}
          type="button"
          className={css.proportion}
          aria-pressed={isNow(sizeOf(across / down))}
          onClick={() => set(...sizeOf(across / down))}
        >
          {across}:{down}
        </button>
      ))}
      <IconButton
        icon={ArrowLeftRight}
        label={t('proportions.swap')}
        disabled={!wide || !high}
        onClick={() => wide && high && set(high, wide)}
      />
    </fieldset>
  );
}
