/** The select once it was opened. */
import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { useLayer } from '../layers/use-layer';
import css from './options.module.css';
import type { SelectProps } from './select';

export default function FullSelect({ options, label, value, onChange, placeholder, ...control }: SelectProps) {
  const [isOpen, setIsOpen] = useState(true);
  useLayer(isOpen, () => setIsOpen(false));
  return (
    <Base.Root
      open={isOpen}
      onOpenChange={setIsOpen}
      items={options}
      value={value}
      onValueChange={(next) => next !== null && onChange(next)}
      {...(control.id && { id: control.id })}
    >
      <Base.Trigger {...control} className={css.trigger ?? ''}>
        <Base.Value className={css.chosen ?? ''} {...(placeholder !== undefined && { placeholder })} />
        <ChevronDown aria-hidden size={18} />
      </Base.Trigger>
      {/* Outside of the main part of the page, it needs to be a part of its own. */}
      <Base.Portal render={<section aria-label={label} />}>
        <Base.Positioner sideOffset={4} alignItemWithTrigger={false} className={css.positioner ?? ''}>
          <Base.Popup className={css.popup ?? ''}>
            <Base.List className={css.list ?? ''}>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={css.item ?? ''}>
                  <Base.ItemIndicator>
                    <Check aria-hidden size={16} />
                  </Base.ItemIndicator>
                  <Base.ItemText className={css.text ?? ''}>{option.label}</Base.ItemText>
                  {option.note && <span className={css.note}>{option.note}</span>}
                </Base.Item>
              ))}
            </Base.List>
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
