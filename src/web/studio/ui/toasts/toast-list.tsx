/** Shows the messages of `say`. Ctrl+Z undoes as well: they are far from the keyboard's place. */
import { Toast } from '@base-ui/react/toast';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { type Message, showToasts } from '../toast';
import css from './toast.module.css';

const UNTYPED = ['checkbox', 'radio', 'range'];

const manager = Toast.createToastManager();

function add(text: string, { type = 'note', id = text, undo, timeout = 6_000, onClose }: Message): void {
  manager.add({
    id,
    title: text,
    type,
    timeout,
    priority: type === 'problem' ? 'high' : 'low',
    ...(onClose && { onClose }),
    ...(undo && {
      actionProps: {
        children: undo.label,
        title: undo.keys,
        'aria-keyshortcuts': 'Control+Z',
        onClick() {
          undo.run();
          manager.close(id);
        },
      },
    }),
  });
}

export default function ToastList() {
  // Afterwards: screen readers announce only what is added to a region that they know.
  useEffect(() => showToasts(add), []);
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Viewport />
      </Toast.Portal>
    </Toast.Provider>
  );
}

function Viewport() {
  const { t } = useTranslation();
  const element = useRef<HTMLDivElement>(null);
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const button = element.current?.querySelector<HTMLElement>('[aria-keyshortcuts="Control+Z"]');
    if (!button || hasTyped(event.target) || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    button.click();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener('keydown', listen);
    return () => window.removeEventListener('keydown', listen);
  }, []);
  return (
    <Toast.Viewport ref={element} aria-label={t('messages')} className={css.viewport ?? ''}>
      <List />
    </Toast.Viewport>
  );
}

/** Whether it is a field whose text Ctrl+Z may take back. */
const hasTyped = (target: EventTarget | null): boolean =>
  (target instanceof HTMLInputElement && !UNTYPED.includes(target.type) && target.value !== '') ||
  target instanceof HTMLTextAreaElement;

function List() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    // The viewport announces problems at once, apart from this: here they are for those who can see and reach them.
    <Toast.Root
      key={toast.id}
      toast={toast}
      className={css.toast ?? ''}
      aria-hidden={false}
      aria-live={toast.type === 'problem' ? 'off' : undefined}
    >
      <Toast.Title className={css.text} render={<p />} />
      {toast.actionProps && <Toast.Action className={css.action ?? ''} />}
    </Toast.Root>
  ));
}
