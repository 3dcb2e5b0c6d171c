/** Words to find something by. */
import { Search } from 'lucide-react';
import { inputClass } from '../field';
import css from './search-field.module.css';

type SearchFieldProps = {
  label: string;
  value: string;
  onChange(value: string): void;
  maxLength?: number;
  className?: string | undefined;
};

export const SearchField = ({ label, value, onChange, maxLength, className }: SearchFieldProps) => (
  <label className={className ? `${css.field} ${className}` : css.field}>
    <Search aria-hidden size={18} />
    <input
      type="search"
      className={inputClass}
      placeholder={label}
      aria-label={label}
      value={value}
      maxLength={maxLength}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  </label>
);
