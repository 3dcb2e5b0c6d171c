/** A choice that is made or not, with its label beside it. */
import css from './check-box.module.css';

type CheckBoxProps = { label: string; isChecked: boolean; onChange(isChecked: boolean): void };

export const CheckBox = ({ label, isChecked, onChange }: CheckBoxProps) => (
  <label className={css.label}>
    <input type="checkbox" checked={isChecked} onChange={(event) => onChange(event.currentTarget.checked)} />
    {label}
  </label>
);
