export default {
  title: 'Import a workflow',
  again: 'Run it again',
  titleOf: 'Imported: {{name}}',
  ask: 'Take a workflow of ComfyUI, or a picture, video or sound that ComfyUI saved. You can also drop it anywhere on this page.',
  chooseFile: 'Choose a file',
  paste: 'Or paste the workflow as JSON',
  read: 'Read it',
  notAWorkflow: 'This is no workflow of ComfyUI.',
  drop: 'Drop it to import it, or on a field to use it there',
  reading: 'Reading …',
  from: {
    API: 'A graph that was exported for the API.',
    UI: 'A workflow of ComfyUI’s page.',
    IMAGE: 'A file that carries the workflow it was made with.',
  },
  problems: 'Not everything fits:',
  noInputs: 'No setting of this workflow is proposed. Save it, and choose there what its form asks for.',
  other: 'Take something else',
  run: 'Run once',
  save: 'Save …',
  untitled: 'Workflow of {{time}}',
  useAsInput: 'Use the file as an input',
  forbidden:
    'Only admins of this server import workflows, unless it is configured otherwise (WORKFLOW_AUTHORS). Ask one to save and share it.',
  noWorkflow:
    'This file carries no workflow. It can be an input: for example the picture that another one starts from.',
  unsupported: 'This type of file cannot be imported. Take JSON, or a picture, video or sound that ComfyUI saved.',
};
