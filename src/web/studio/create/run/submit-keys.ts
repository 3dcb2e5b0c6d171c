import type { KeyboardEvent } from 'react';

/** @returns a handler that calls `submit` on Ctrl+Enter, or on Command+Enter, anywhere in a form */
export const onSubmitKeys =
  (submit: () => unknown) =>
  (event: KeyboardEvent<HTMLFormElement>): void => {
    // Dialogs of the form are elsewhere in the page.
    const isHere = event.currentTarget.contains(event.target as Node);
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || !isHere) return;
    event.preventDefault();
    submit();
  };
