/** A slider for one number. A number field beside it takes the exact value. It loads with the first form that shows one. */
import { lazy, Suspense } from 'react';
import css from './slider.module.css';

const FullSlider = lazy(() => import('./full-slider'));

export type SliderProps = {
  /** For screen readers. */
  label: string;
  value: number;
  /** Whether nothing is chosen: the thumb rests somewhere. */
  isUnset?: boolean;
  onChange(value: number): void;
  min: number;
  max: number;
  step: number;
};

export const Slider = (props: SliderProps) => (
  <Suspense fallback={<div className={css.control} />}>
    <FullSlider {...props} />
  </Suspense>
);
