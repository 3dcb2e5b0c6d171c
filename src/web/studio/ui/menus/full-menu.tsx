/** The menu once it was opened. */
import { Menu as Base } from '@base-ui/react/menu';
import { Ellipsis } from 'lucide-react';
import { useState } from 'react';
import { IconButton } from '../button';
import { useLayer } from '../layers/use-layer';
import type { MenuProps } from './menu';
import css from './menu.module.css';

export default function FullMenu({ label, items, className }: MenuProps) {
  const [isOpen, setIsOpen] = useState(true);
  useLayer(isOpen, () => setIsOpen(false));
  return (
    <Base.Root open={isOpen} onOpenChange={setIsOpen}>
      <Base.Trigger render={<IconButton icon={Ellipsis} label={label} className={className} />} />
      {/* Outside of the main part of the page, it needs to be a part of its own. */}
      <Base.Portal render={<section aria-label={label} />}>
        <Base.Positioner sideOffset={4} align="end" className={css.positioner ?? ''}>
          <Base.Popup className={css.popup ?? ''}>
            {items.map(({ icon: Icon, label: text, run }) => (
              <Base.Item key={text} className={css.item ?? ''} onClick={run}>
                <Icon aria-hidden size={18} />
                {text}
              </Base.Item>
            ))}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}
