/** Short messages that end by themselves, some with an action such as Undo. */
import { Toast } from '@base-ui/react/toast';
import css from './toast.module.css';

const manager = Toast.createToastManager();

type Message = {
  /** `problem` is announced at once. */
  type?: 'note' | 'problem';
  action?: { label: string; run(): void };
  /** In milliseconds. */
  timeout?: number;
  /** Called when the message is gone, also after its action. */
  onClose?(): void;
};

export function say(text: string, { type = 'note', action, timeout = 6_000, onClose }: Message = {}): void {
  const id = manager.add({
    title: text,
    type,
    timeout,
    priority: type === 'problem' ? 'high' : 'low',
    ...(onClose && { onClose }),
    ...(action && {
      actionProps: {
        children: action.label,
        onClick() {
          action.run();
          manager.close(id);
        },
      },
    }),
  });
}

export function Toasts() {
  return (
    <Toast.Provider toastManager={manager}>
      <Toast.Portal>
        <Toast.Viewport className={css.viewport ?? ''}>
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

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
      <Toast.Title render={<p />} />
      {toast.actionProps && <Toast.Action className={css.action ?? ''} />}
    </Toast.Root>
  ));
}
