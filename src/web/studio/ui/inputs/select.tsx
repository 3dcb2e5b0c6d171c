/** One of a few options. */
import { ChevronDown } from 'lucide-react';
import { ClosedPicker, type Control, useFullPicker } from './closed-picker';

export type Option = {
  value: string;
  label: string;
  note?: string | undefined;
  /** What a closed combobox shows in place of the label. */
  closedLabel?: string | undefined;
};

export type SelectProps = Control & {
  options: readonly Option[];
  /** The name of the list for screen readers. */
  label: string;
  /** Null while nothing is chosen. */
  value: string | null;
  onChange(value: string): void;
  placeholder?: string | undefined;
};

const load = () => import('./full-select');

export function Select(props: SelectProps) {
  const { Full, prepare, open } = useFullPicker<SelectProps>(load);
  if (Full) return <Full {...props} />;
  const { options, value, placeholder } = props;
  return (
    <ClosedPicker
      control={props}
      text={options.find((option) => option.value === value)?.label}
      placeholder={placeholder}
      popup="listbox"
      icon={ChevronDown}
      onIntent={prepare}
      onOpen={open}
    />
  );
}
