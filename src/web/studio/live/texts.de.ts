import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  title: 'Jetzt',
  all: 'Alle ansehen',
  more: 'Von dem, was wartet, siehst du die nächsten {{count}} und die neuesten {{count}}.',
  unreadable: 'Deine Ergebnisse konnten nicht gelesen werden.',
  untitled: 'Neues Ergebnis',
  sending: 'Wird gesendet …',
  starting: 'Beginnt …',
  step: 'Schritt {{step}} von {{total}}',
  left: 'noch etwa {{time}}',
  attempt: '{{number}}. Versuch',
  noneOnline: 'Kein ComfyUI ist erreichbar. Was du erstellst, wartet so lange.',
  draining: 'ComfyUI nimmt gerade nichts Neues an. Was du erstellst, wartet darauf.',
  cancelAll: {
    label: 'Alle abbrechen',
    title: 'Alles abbrechen, was wartet oder entsteht?',
    text: 'Alles, was noch nicht fertig ist, wird abgebrochen. Was fertig ist, bleibt.',
  },
  first: {
    title: 'Hier erscheint dein erstes Bild',
    text: 'Schreib, was du sehen möchtest, oder nimm eines von diesen. Du kannst zusehen, wie es entsteht.',
    lighthouse: 'Ein Leuchtturm im Sturm, Ölgemälde',
    fox: 'Ein Fuchs, der in einer Bibliothek liest, Aquarell',
    still: 'Zitronen auf einem blauen Teller, Morgenlicht',
  },
  bell: {
    label: 'Benachrichtigen, wenn etwas fertig ist',
    sample: 'ComfyGraph sagt dir hier, wenn etwas fertig ist',
    denied: 'Dein Browser erlaubt dieser Seite keine Benachrichtigungen.',
  },
  finished: { COMPLETED: 'Fertig: {{name}}', FAILED: 'Fehlgeschlagen: {{name}}', CANCELED: 'Abgebrochen: {{name}}' },
  notification: { COMPLETED: 'Fertig', FAILED: 'Fehlgeschlagen' },
};

export default texts;
