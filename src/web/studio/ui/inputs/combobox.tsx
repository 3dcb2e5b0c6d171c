/** One of many options, which the user finds by typing. */
import { ChevronsUpDown } from 'lucide-react';
import { ClosedPicker, type Control, useFullPicker } from './closed-picker';
import type { Option } from './select';

export type ComboboxProps = Control & {
  options: readonly Option[];
  /** Null while nothing is chosen. */
  value: string | null;
  onChange(value: string): void;
  /** The name of the list for screen readers. */
  label: string;
  placeholder: string;
  searchLabel: string;
  /** Called when the options are shown. */
  onOpen?: () => void;
  /** Shown when nothing matches. */
  emptyText: string;
};

const load = () => import('./full-combobox');

export function Combobox(props: ComboboxProps) {
  const { Full, prepare, open } = useFullPicker<ComboboxProps>(load);
  if (Full) return <Full {...props} />;
  const { options, value, onOpen, placeholder } = props;
  const chosen = options.find((option) => option.value === value);
  return (
    <ClosedPicker
      control={props}
      text={chosen?.closedLabel ?? chosen?.label}
      placeholder={placeholder}
      popup="dialog"
      icon={ChevronsUpDown}
      onIntent={prepare}
      onOpen={() => {
        onOpen?.();
        open();
      }}
    />
  );
}
