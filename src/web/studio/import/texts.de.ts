import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  title: 'Workflow importieren',
  again: 'Noch einmal ausführen',
  titleOf: 'Importiert: {{name}}',
  ask: 'Nimm einen Workflow von ComfyUI, oder ein Bild, Video oder einen Ton, den ComfyUI gespeichert hat.',
  askDrop: 'Du kannst die Datei auch irgendwo auf diese Seite ziehen.',
  chooseFile: 'Datei wählen',
  paste: 'Oder füge den Workflow als JSON ein',
  read: 'Lesen',
  notAWorkflow: 'Das ist kein Workflow von ComfyUI.',
  drop: 'Loslassen zum Importieren, oder über einem Feld, um es dort zu verwenden',
  reading: 'Wird gelesen …',
  from: {
    API: 'Ein Graph, der für die API exportiert wurde.',
    UI: 'Ein Workflow von ComfyUIs Seite.',
    IMAGE: 'Eine Datei mit dem Workflow, mit dem sie gemacht wurde.',
  },
  problems: 'Nicht alles passt:',
  noInputs:
    'Keine Einstellung dieses Workflows wird vorgeschlagen. Speichere ihn und wähle dort, wonach sein Formular fragt.',
  other: 'Etwas anderes nehmen',
  run: 'Einmal ausführen',
  save: 'Speichern …',
  untitled: 'Workflow vom {{time}}',
  useAsInput: 'Datei als Eingabe verwenden',
  forbidden:
    'Auf diesem Server importieren nur Admins Workflows, wenn nichts anderes eingestellt ist (WORKFLOW_AUTHORS). Bitte jemanden davon, ihn zu speichern und zu teilen.',
  noWorkflow:
    'Diese Datei enthält keinen Workflow. Sie kann eine Eingabe sein: zum Beispiel das Ausgangsbild für ein neues.',
  unsupported:
    'Diese Art Datei lässt sich nicht importieren. Nimm JSON, oder ein Bild, Video oder einen Ton von ComfyUI.',
};

export default texts;
