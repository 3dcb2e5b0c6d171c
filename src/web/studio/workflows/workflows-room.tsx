/** The workflows that the user may use, and the forms of the user's own. */
import { Route, Switch } from 'wouter';
import { NewWorkflow } from './editor/new-workflow';
import { WorkflowList } from './list/workflow-list';
import { WorkflowPage } from './view/workflow-page';

export default function WorkflowsRoom() {
  return (
    <Switch>
      <Route path="/workflows">
        <WorkflowList />
      </Route>
      <Route path="/workflows/new">
        <NewWorkflow />
      </Route>
      <Route path="/workflows/:name/:version?">
        {({ name, version }) => <WorkflowPage name={name} version={version ? Number(version) : null} />}
      </Route>
    </Switch>
  );
}
