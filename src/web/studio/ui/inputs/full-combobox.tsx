/** The combobox once it was opened. */
import { Combobox as Base } from '@base-ui/react/combobox';
import { Check, ChevronsUpDown } from 'lucide-react';
import { useState } from 'react';
import { inputClass } from '../field';
import { useLayer } from '../layers/use-layer';
import type { ComboboxProps } from './combobox';
import css from './options.module.css';
import type { Option } from './select';

export default function FullCombobox(props: ComboboxProps) {
  const { options, value, onChange, onOpen, label, placeholder, searchLabel, emptyText, ...control } = props;
  const [isOpen, setIsOpen] = useState(true);
  useLayer(isOpen, () => setIsOpen(false));
  const chosen = options.find((option) => option.value === value) ?? null;
  return (
    <Base.Root
      open={isOpen}
      items={options}
      value={chosen}
      onValueChange={(next) => next && onChange(next.value)}
      onOpenChange={(next) => {
        setIsOpen(next);
        if (next) onOpen?.();
      }}
      itemToStringLabel={(option) => option.label}
      isItemEqualToValue={(one, other) => one.value === other.value}
    >
      <Base.Trigger {...control} className={css.trigger ?? ''}>
        <span className={chosen ? css.chosen : css.placeholder}>
          {chosen?.closedLabel ?? chosen?.label ?? placeholder}
        </span>
        <ChevronsUpDown aria-hidden size={18} />
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={4} align="start" className={css.positioner ?? ''}>
          <Base.Popup className={css.popup ?? ''} aria-label={label}>
            <Base.Input className={inputClass} placeholder={searchLabel} aria-label={searchLabel} />
            <Base.Empty className={css.empty ?? ''}>{emptyText}</Base.Empty>
            <Base.List className={css.list ?? ''} aria-label={label}>
              {(option: Option) => (
                <Base.Item key={option.value} value={option} className={css.item ?? ''}>
                  <Base.ItemIndicator>
                    <Check aria-hidden size={16} />
                  </Base.ItemIndicator>
                  <span className={css.text}>{option.label}</span>
                  {option.note && <span className={css.note}>{option.note}</span>}
                </Base.Item>
              )}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
