/** The slider itself. */
import { Slider as Base } from '@base-ui/react/slider';
import type { SliderProps } from './slider';
import css from './slider.module.css';

export default function FullSlider({ label, value, isUnset = false, onChange, min, max, step }: SliderProps) {
  return (
    <Base.Root
      value={Math.min(max, Math.max(min, value))}
      onValueChange={(next) => onChange(withoutNoise(next))}
      min={min}
      max={max}
      step={step}
      largeStep={step * 10}
      className={isUnset ? `${css.root} ${css.unset}` : (css.root ?? '')}
    >
      <Base.Control className={css.control ?? ''}>
        <Base.Track className={css.track ?? ''}>
          <Base.Indicator className={css.indicator ?? ''} />
          <Base.Thumb className={css.thumb ?? ''} aria-label={label} />
        </Base.Track>
      </Base.Control>
    </Base.Root>
  );
}

/** 0.1 + 0.2 is 0.3 for people. */
const withoutNoise = (value: number): number => Number(value.toPrecision(12));
