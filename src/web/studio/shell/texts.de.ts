import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  loading: 'Wird geladen …',
  close: 'Schließen',
  done: 'Erledigt',
  cancel: 'Abbrechen',
  discard: {
    title: 'Das hier verwerfen?',
    text: 'Was du hier gemacht hast, ist nicht gespeichert.',
    keep: 'Behalten',
    action: 'Verwerfen',
  },
  copy: 'Kopieren',
  copied: 'Kopiert',
  copyFailed: 'Das Kopieren ist nicht möglich: Markiere den Text und kopiere ihn.',
  nav: {
    label: 'Räume',
    create: 'Erstellen',
    history: 'Verlauf',
    workflows: 'Workflows',
    admin: 'Verwaltung',
    account: 'Konto',
  },
  skip: 'Zum Inhalt springen',
  offline: {
    unknown: 'Keine Verbindung.',
    device: 'Dein Gerät hat kein Netz.',
    server: 'Der Server antwortet nicht.',
    busy: 'Der Server ist nicht bereit.',
    socket: 'Der Server antwortet, aber Änderungen kommen nicht an: Vielleicht sperrt ein Proxy WebSockets.',
    note: 'Die Anzeige kann veraltet sein. Neuer Versuch …',
    over: 'Wieder verbunden.',
  },
  connecting: 'Verbinden …',
  simulated: 'Die Bilder sind simuliert: Kein Modell zeichnet sie.',
  theme: { label: 'Darstellung', system: 'Wie das Gerät', light: 'Hell', dark: 'Dunkel' },
  language: 'Sprache',
  signOut: 'Abmelden',
  messages: 'Meldungen',
  failed: {
    title: 'Dieser Teil der Seite ist fehlgeschlagen',
    offline: 'Dieser Teil der Seite erscheint, sobald wieder Netz da ist',
    again: 'Neu laden',
  },
  notFound: {
    title: 'Diese Seite gibt es nicht',
    text: 'Die Adresse ist vielleicht falsch geschrieben, oder was dort war, ist weg.',
    action: 'Zum Erstellen',
  },
  missing: {
    sentence: 'ComfyUI fehlt: {{names}}.',
    title: 'ComfyUI fehlen Teile dieses Workflows. Er läuft, sobald sie da sind.',
    node: 'der Node {{name}}',
    model: 'die Datei {{name}} in models/{{folder}}',
    similar: '(vorhanden: {{names}})',
    download: 'Herunterladen',
    more_one: 'und noch eines',
    more_other: 'und {{count}} weitere',
  },
  error: {
    NETWORK: 'Keine Antwort vom Server. Bitte gleich noch einmal versuchen.',
    RATE_LIMITED: 'Zu viele Anfragen. Bitte gleich noch einmal versuchen.',
    COMFYUI_UNAVAILABLE: 'Kein ComfyUI ist erreichbar.',
    INTERNAL_SERVER_ERROR: 'Der Server hat einen Fehler gemeldet. Sein Protokoll nennt den Grund.',
  },
};

export default texts;
