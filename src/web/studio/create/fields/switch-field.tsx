/** BOOLEAN */
import { Switch } from '../../ui/inputs/switch';
import type { FieldProps } from './form';
import { useWords } from './use-words';

export function SwitchField({ input, form }: FieldProps) {
  const { label, hint } = useWords(input);
  return (
    <Switch
      label={label}
      hint={form.problems[input.name] ?? hint}
      isOn={form.values[input.name] === true}
      onChange={(isOn) => form.set(input.name, isOn)}
    />
  );
}
