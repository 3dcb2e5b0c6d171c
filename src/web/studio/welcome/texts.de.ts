import type { Translated } from '../i18n/translated';
import type en from './texts.en';

const texts: Translated<typeof en> = {
  title: 'Bilder aus deinem ComfyUI, live und gemeinsam',
  lead: 'Beschreibe ein Bild, sieh zu, wie es entsteht, und behalte es. Die Warteschlange übersteht Neustarts, und mehrere Menschen teilen sich ein ComfyUI.',
  points: {
    create:
      'Schreib einen Prompt, oder beginne mit einem Bild. Wo der Server es erlaubt, bring einen ComfyUI-Workflow mit.',
    live: 'Sieh deinen Platz in der Warteschlange, dann jeden Schritt und jede Vorschau.',
    keep: 'Finde, vergleiche, lade und teile alles, was du gemacht hast.',
  },
  signIn: 'Anmelden',
  signUp: 'Konto anlegen',
  email: 'E-Mail',
  password: 'Passwort',
  passwordHint: 'Mindestens 8 Zeichen.',
  name: 'Name (freiwillig)',
  stay: 'Auf diesem Gerät angemeldet bleiben',
  toSignUp: 'Neu hier? Konto anlegen',
  toSignIn: 'Schon ein Konto? Anmelden',
  first: 'Auf einem neuen Server verwaltet ihn das erste Konto.',
  forgotten: 'Passwort vergessen? Der Admin dieses Servers gibt dir ein neues.',
  show: 'Zeigen',
  hide: 'Verbergen',
  ended: 'Deine Sitzung ist zu Ende, vielleicht weil das Passwort geändert wurde. Melde dich wieder an.',
  wrong: 'E-Mail oder Passwort ist falsch.',
  taken: 'Zu dieser E-Mail gibt es schon ein Konto. Melde dich damit an.',
  developers: 'Für Entwickler: die API in GraphiQL',
};

export default texts;
