import type { Translated } from '../i18n/translated';
import builtIn from './built-in.de';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  builtIn,
  deleted_one: 'Gelöscht',
  deletedOne: 'Gelöscht: {{title}}',
  deleted_other: '{{count}} gelöscht',
  undo: 'Rückgängig',
  undoKeys: 'Strg+Z',
  restored: 'Zurückgeholt',
  created_one: 'In der Warteschlange.',
  created_other: '{{count}} in der Warteschlange.',
  unnamed: 'Importierter Workflow',
  more: '+{{count}}',
  status: {
    PENDING: 'Wartet',
    PROCESSING: 'Entsteht gerade',
    CANCELING: 'Wird abgebrochen …',
    COMPLETED: 'Fertig',
    FAILED: 'Fehlgeschlagen',
    CANCELED: 'Abgebrochen',
  },
  kind: {
    IMAGE: 'Bild',
    VIDEO: 'Video',
    AUDIO: 'Ton',
    MODEL_3D: '3D-Modell',
    TEXT: 'Text',
    LATENT: 'Latents',
    FILE: 'Datei',
  },
  failure: {
    INVALID_WORKFLOW: 'ComfyUI nimmt diesen Workflow nicht an.',
    EXECUTION_ERROR: 'Ein Knoten des Workflows ist fehlgeschlagen.',
    OUT_OF_MEMORY: 'Der Speicher der Grafikkarte reichte nicht. Eine kleinere Größe passt vielleicht.',
    BACKEND_LOST: 'ComfyUI hat bei jedem Versuch mittendrin aufgehört.',
    TIMED_OUT: 'Es dauerte länger, als dieser Server erlaubt.',
    NO_OUTPUT: 'Der Workflow endete ohne ein Ergebnis, das sich speichern lässt.',
    RESULT_UNAVAILABLE: 'Die Ergebnisse ließen sich nicht speichern.',
    INTERNAL: 'Der Server hat einen Fehler gemeldet. Sein Protokoll nennt den Grund.',
  },
  queue: {
    next: 'Als Nächstes an der Reihe',
    before_one: '{{count}} davor',
    before_other: '{{count}} davor',
    again: 'Wartet auf einen weiteren Versuch',
  },
  waiting: {
    LOST: 'Wartet, bis das zuständige ComfyUI zurück ist',
    BACKEND_OFFLINE: 'Wartet auf ein erreichbares ComfyUI',
    BACKEND_DRAINING: 'Das zuständige ComfyUI ist angehalten',
    MODEL_UNAVAILABLE: 'Kein erreichbares ComfyUI hat das Modell',
    NODE_UNAVAILABLE: 'Kein erreichbares ComfyUI hat die Knoten',
    RUNNING_LIMIT: 'Mehr darf für dich nicht gleichzeitig laufen',
  },
  action: {
    cancel: 'Abbrechen',
    retry: 'Wiederholen',
    favorite: 'Favorit',
    delete: 'Löschen',
    download: 'Herunterladen',
  },
};

export default texts;
