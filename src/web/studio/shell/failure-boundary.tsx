/** Keeps a failure in one room from taking the page down. */
import { Component, type ReactNode } from 'react';
import { Translation } from 'react-i18next';
import { Button } from '../ui/button';

type State = { hasFailed: boolean };

export class FailureBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { hasFailed: false };

  static getDerivedStateFromError(): State {
    return { hasFailed: true };
  }

  override render(): ReactNode {
    if (!this.state.hasFailed) return this.props.children;
    return (
      <Translation>
        {(t) => (
          <div role="alert">
            <h1>{t('failed.title')}</h1>
            <Button onClick={() => location.reload()}>{t('failed.again')}</Button>
          </div>
        )}
      </Translation>
    );
  }
}
