/** A picker that was never opened: it looks and reads like the full one, which loads when somebody is about to open it. */
import type { LucideIcon } from 'lucide-react';
import { type ComponentType, type KeyboardEvent, useState } from 'react';
import { useConnection } from '../../api/connection';
import css from './options.module.css';

export type Control = {
  id?: string;
  'aria-label'?: string;
  'aria-describedby'?: string | undefined;
  'aria-invalid'?: boolean;
};

type ClosedPickerProps = {
  control: Control;
  /** Undefined while nothing is chosen. */
  text: string | undefined;
  placeholder: string | undefined;
  popup: 'dialog' | 'listbox';
  icon: LucideIcon;
  onIntent(): void;
  onOpen(): void;
};

const OPENING_KEYS = ['ArrowDown', 'ArrowUp'];

export function ClosedPicker(props: ClosedPickerProps) {
  const { control, text, placeholder, popup, icon: Icon, onIntent, onOpen } = props;
  function onKeyDown(event: KeyboardEvent) {
    if (!OPENING_KEYS.includes(event.key)) return;
    event.preventDefault();
    onOpen();
  }
  return (
    <button
      type="button"
      role="combobox"
      aria-expanded={false}
      aria-haspopup={popup}
      id={control.id}
      aria-label={control['aria-label']}
      aria-describedby={control['aria-describedby']}
      aria-invalid={control['aria-invalid']}
      className={css.trigger}
      onPointerEnter={onIntent}
      onFocus={onIntent}
      onClick={onOpen}
      onKeyDown={onKeyDown}
    >
      <span className={text === undefined ? css.placeholder : css.chosen}>{text ?? placeholder}</span>
      <Icon aria-hidden size={18} />
    </button>
  );
}

type Loaded<Props> = { default: ComponentType<Props> };

/** @returns the full picker once it is to open, which it does by itself */
export function useFullPicker<Props>(load: () => Promise<Loaded<Props>>) {
  const [picker, setPicker] = useState<Loaded<Props>>();
  const [failure, setFailure] = useState<unknown>();
  const isLive = useConnection() === 'live';
  // As a room that does not load: the server may have a newer page by now.
  if (failure !== undefined) throw failure;
  return {
    Full: picker?.default,
    prepare: () => void load().catch(() => {}),
    open: () => void load().then(setPicker, (error) => isLive && setFailure(error)),
  };
}
