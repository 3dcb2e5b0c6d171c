/** Buttons. An icon alone has its text as its label. A disabled one does nothing, and can have the focus: otherwise it would lose it. */
import type { LucideIcon } from 'lucide-react';
import type { ComponentProps, MouseEvent } from 'react';
import css from './button.module.css';

type Look = 'plain' | 'primary' | 'danger' | 'quiet';
type ButtonProps = ComponentProps<'button'> & { look?: Look; icon?: LucideIcon; wide?: boolean };

const classes = (...names: (string | false | undefined)[]): string => names.filter(Boolean).join(' ');

export const buttonClass = (look: Look = 'plain', ...more: (string | false | undefined)[]): string =>
  classes(css.button, look !== 'plain' && css[look], ...more);

export function Button({ look, icon: Icon, wide, className, children, ...rest }: ButtonProps) {
  return (
    <button type="button" {...withFocus(rest)} className={buttonClass(look, wide && css.wide, className)}>
      {Icon && <Icon aria-hidden size={18} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, 'children' | 'icon' | 'wide'> & { icon: LucideIcon; label: string };

export function IconButton({ icon: Icon, label, look = 'quiet', className, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      title={label}
      aria-label={label}
      {...withFocus(rest)}
      className={buttonClass(look, css.icon, className)}
    >
      <Icon aria-hidden size={20} />
    </button>
  );
}

/** Shows its icon alone on narrow windows. */
export function FoldingButton({ icon: Icon, label, look = 'quiet', className, ...rest }: IconButtonProps) {
  return (
    <button type="button" title={label} {...withFocus(rest)} className={buttonClass(look, css.folding, className)}>
      <Icon aria-hidden size={20} />
      <span>{label}</span>
    </button>
  );
}

function withFocus({ disabled = false, ...rest }: ComponentProps<'button'>): ComponentProps<'button'> {
  if (!disabled) return rest;
  // Also keeps a form from being sent, by Enter in one of its fields.
  return { ...rest, 'aria-disabled': true, onClick: (event: MouseEvent) => event.preventDefault() };
}
