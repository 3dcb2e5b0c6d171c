/** A button that opens a menu of acts. The menu loads when somebody is about to open it. */
import { Ellipsis, type LucideIcon } from 'lucide-react';
import { IconButton } from '../button';
import { useFullPicker } from '../inputs/closed-picker';

export type MenuItem = { icon: LucideIcon; label: string; run(): void };
export type MenuProps = { label: string; items: readonly MenuItem[]; className?: string | undefined };

const load = () => import('./full-menu');

export function Menu(props: MenuProps) {
  const { Full, prepare, open } = useFullPicker<MenuProps>(load);
  if (Full) return <Full {...props} />;
  const { label, className } = props;
  return (
    <IconButton
      icon={Ellipsis}
      label={label}
      className={className}
      aria-haspopup="menu"
      aria-expanded={false}
      onPointerEnter={prepare}
      onFocus={prepare}
      onClick={open}
    />
  );
}
